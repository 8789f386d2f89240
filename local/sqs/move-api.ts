import { bounded, required, sqsError } from './errors';
import { keyRights } from './key-rights';
import { MOST_A_SECOND, MoveTask } from './move-task';
import { Queue } from './queue';
import { Queues } from './queues';
import { Json, Permission, refuseOtherFields } from '../aws/protocol';

/** The most that AWS lists of a queue. */
const LISTED = 10;

const START_FIELDS = ['SourceArn', 'DestinationArn', 'MaxNumberOfMessagesPerSecond'];

export const MOVE_OPERATIONS = ['StartMessageMoveTask', 'ListMessageMoveTasks', 'CancelMessageMoveTask'] as const;

/**
 * Messages of dead-letter queues sent back, by tasks that go on after the call. What the documentation does not say of
 * errors is as AWS was recorded to answer.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
 */
export class MoveApi {
  /** Newest first. */
  private tasks: readonly MoveTask[] = [];
  private ended = 0;

  public constructor(
    private readonly queues: Queues,
    private readonly log: (line: string) => void,
  ) {}

  /** How many tasks are under way. */
  public get running(): number {
    return this.tasks.filter(({ isActive }) => isActive).length;
  }

  /** How many tasks are over. */
  public get completed(): number {
    return this.ended;
  }

  /**
   * Who starts or cancels a task needs the rights to all that is done in it. Without a destination that is a right on each
   * queue that messages may go back to. Where queues are encrypted with keys of the app's, that is keys as well: a message may
   * still be encrypted with that of the queue it comes from.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
   */
  public permissions(operation: string, input: Json): readonly Permission[] {
    const arn = operation === 'CancelMessageMoveTask' ? handle(input).sourceArn : required(input, 'SourceArn');
    const on = (resource: string, ...actions: readonly string[]): readonly Permission[] =>
      actions.map((action) => ({ action: `sqs:${action}`, resources: [resource] }));
    if (operation === 'ListMessageMoveTasks') return on(arn, operation, 'GetQueueAttributes');
    const source = [
      ...on(arn, operation, 'ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'),
      ...[this.queues.byArn(arn), ...this.sourcesOf(arn)].flatMap((queue) => keyRights(queue, 'receive')),
    ];
    if (operation === 'CancelMessageMoveTask') return source;
    const targets =
      typeof input.DestinationArn === 'string'
        ? [input.DestinationArn]
        : this.sourcesOf(arn).map(({ settings }) => settings.arn);
    return [...source, ...targets.flatMap((target) => this.sending(target))];
  }

  private sending(arn: string): readonly Permission[] {
    return [{ action: 'sqs:SendMessage', resources: [arn] }, ...keyRights(this.queues.byArn(arn), 'send')];
  }

  public handle(operation: string, input: Json): Json {
    if (operation === 'StartMessageMoveTask') return this.start(input);
    return operation === 'ListMessageMoveTasks' ? this.list(input) : this.cancel(input);
  }

  /** Ends all tasks; what they have not moved is still in its queue. */
  public stop(): void {
    for (const task of this.tasks) task.stop();
  }

  private start(input: Json): Json {
    refuseOtherFields('sqs StartMessageMoveTask', input, START_FIELDS);
    const source = this.named(input, 'SourceArn');
    const rate = bounded(input, 'MaxNumberOfMessagesPerSecond', 1, MOST_A_SECOND);
    if (this.sourcesOf(source.settings.arn).length === 0) {
      throw sqsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
    }
    const destination = input.DestinationArn === undefined ? undefined : this.named(input, 'DestinationArn');
    if (destination === source) {
      throw sqsError('InvalidParameterValue', 'Source queue arn and destination queue arn cannot be the same.');
    }
    if (this.tasksOf(source).some(({ isActive }) => isActive)) {
      throw sqsError(
        'InvalidParameterValue',
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
      );
    }
    const origin = (arn: string): Queue | undefined => this.queues.byArn(arn);
    const task = new MoveTask({ source, destination, rate, origin, ended: (over) => this.over(over) });
    const others = this.tasks.filter(({ request }) => request.source !== source);
    this.tasks = [task, ...this.tasksOf(source).slice(0, LISTED - 1), ...others];
    return { TaskHandle: handleOf(task) };
  }

  private list(input: Json): Json {
    refuseOtherFields('sqs ListMessageMoveTasks', input, ['SourceArn', 'MaxResults']);
    const source = this.named(input, 'SourceArn');
    const max = bounded(input, 'MaxResults', 1, LISTED) ?? 1;
    return { Results: this.tasksOf(source).slice(0, max).map(entry) };
  }

  private cancel(input: Json): Json {
    refuseOtherFields('sqs CancelMessageMoveTask', input, ['TaskHandle']);
    const { taskId, sourceArn } = handle(input);
    const source = this.named({ SourceArn: sourceArn }, 'SourceArn');
    const task = this.tasksOf(source).find(({ id }) => id === taskId);
    if (task === undefined) throw sqsError('ResourceNotFoundException', 'Task does not exist.', 404);
    if (task.status !== 'RUNNING') {
      throw sqsError('UnsupportedOperation', `Only a task that is RUNNING can be cancelled, got: ${task.status}`);
    }
    task.cancel();
    return { ApproximateNumberOfMessagesMoved: task.moved };
  }

  private named(input: Json, parameter: 'SourceArn' | 'DestinationArn'): Queue {
    const queue = this.queues.byArn(required(input, parameter));
    if (queue === undefined) {
      const message = `The resource that you specified for the ${parameter} parameter doesn't exist.`;
      throw sqsError('ResourceNotFoundException', message, 404);
    }
    return queue;
  }

  /** Queues whose dead letters go to this one. */
  private sourcesOf(arn: string): readonly Queue[] {
    return this.queues.all().filter(({ settings }) => settings.redrive?.deadLetterArn === arn);
  }

  private tasksOf(source: Queue): readonly MoveTask[] {
    return this.tasks.filter(({ request }) => request.source === source);
  }

  private over({ status, moved, toMove, failureReason, request }: MoveTask): void {
    this.ended++;
    const reason = failureReason === undefined ? '' : ` (${failureReason})`;
    this.log(`redrive of ${request.source.settings.logicalId}: ${status}, ${moved} of ${toMove} moved${reason}`);
  }
}

function entry(task: MoveTask): Json {
  const { source, destination, rate } = task.request;
  return {
    // Only of a task that can be cancelled.
    ...(task.status === 'RUNNING' ? { TaskHandle: handleOf(task) } : {}),
    Status: task.status,
    SourceArn: source.settings.arn,
    ...(destination === undefined ? {} : { DestinationArn: destination.settings.arn }),
    ...(rate === undefined ? {} : { MaxNumberOfMessagesPerSecond: rate }),
    ApproximateNumberOfMessagesMoved: task.moved,
    ApproximateNumberOfMessagesToMove: task.toMove,
    ...(task.failureReason === undefined ? {} : { FailureReason: task.failureReason }),
    StartedTimestamp: task.startedAt,
  };
}

function handleOf({ id, request }: MoveTask): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn: request.source.settings.arn })).toString('base64');
}

function handle(input: Json): { readonly taskId: string; readonly sourceArn: string } {
  try {
    const text = Buffer.from(required(input, 'TaskHandle'), 'base64').toString('utf8');
    const { taskId, sourceArn } = JSON.parse(text) as Json;
    if (typeof taskId === 'string' && typeof sourceArn === 'string') return { taskId, sourceArn };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw sqsError('InvalidParameterValue', 'Value for parameter TaskHandle is invalid.');
}
