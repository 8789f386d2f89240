import { randomUUID } from 'node:crypto';
import { Message, Queue } from './queue';
import { AwsError } from '../aws/protocol';

export type MoveStatus = 'RUNNING' | 'COMPLETED' | 'CANCELLING' | 'CANCELLED' | 'FAILED';

/** What a task was asked for. */
export interface MoveRequest {
  readonly source: Queue;
  /** @default - each message goes to the queue that it came from */
  readonly destination?: Queue;
  /** Messages a second, at most. @default 500 */
  readonly rate?: number;
  /** The queue that a message came from; undefined where there is none by now. */
  readonly origin: (arn: string) => Queue | undefined;
  /** Told once, when it is over. */
  readonly ended: (task: MoveTask) => void;
}

/** The most that AWS moves in a second: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html */
export const MOST_A_SECOND = 500;

/** A message is moved alone up to so many a second, and in groups beyond. */
const STEPS_A_SECOND = 50;

/**
 * Moves the messages of a dead-letter queue, oldest first. It moves those that could be received as it began: whether AWS
 * goes on with what comes later, or waits for what somebody has received, is not documented.
 */
export class MoveTask {
  public readonly id = randomUUID();
  public readonly startedAt = Date.now();
  /** How many there were to move. */
  public readonly toMove: number;
  private readonly left: Message[];
  private readonly perStep: number;
  private readonly stepMs: number;
  private timer: NodeJS.Timeout | undefined;
  private current: MoveStatus = 'RUNNING';
  private done = 0;
  private reason: string | undefined;

  public constructor(public readonly request: MoveRequest) {
    const rate = request.rate ?? MOST_A_SECOND;
    this.left = [...request.source.receivable()];
    this.toMove = this.left.length;
    this.perStep = Math.ceil(rate / STEPS_A_SECOND);
    this.stepMs = (this.perStep * 1000) / rate;
    this.wait();
  }

  public get status(): MoveStatus {
    return this.current;
  }

  public get moved(): number {
    return this.done;
  }

  /** Why it failed. */
  public get failureReason(): string | undefined {
    return this.reason;
  }

  /** Whether it may still move something, or stand in the way of another. */
  public get isActive(): boolean {
    return this.current === 'RUNNING' || this.current === 'CANCELLING';
  }

  /** What is moved stays moved. */
  public cancel(): void {
    this.current = 'CANCELLING';
  }

  /** Leaves it where it is, as the runner ends. */
  public stop(): void {
    clearTimeout(this.timer);
  }

  private wait(): void {
    this.timer = setTimeout(() => this.step(), this.stepMs);
  }

  private step(): void {
    if (this.current === 'CANCELLING') return this.end('CANCELLED');
    for (const message of this.left.splice(0, this.perStep)) {
      this.reason = this.move(message);
      if (this.reason !== undefined) return this.end('FAILED');
    }
    if (this.left.length === 0) return this.end('COMPLETED');
    this.wait();
  }

  /**
   * @returns why it cannot be moved
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/troubleshooting-dlq-redrive.html
   */
  private move(message: Message): string | undefined {
    const { source, destination, origin } = this.request;
    // Nobody's policy put it there: somebody sent it, or it is what Lambda writes of a batch that failed.
    if (destination === undefined && message.deadLetterSource === undefined) return 'CouldNotDetermineMessageSource';
    const target = destination ?? origin(message.deadLetterSource ?? '');
    if (target === undefined) return 'AWS.SimpleQueueService.NonExistentQueue';
    try {
      if (source.move(message, target)) this.done++;
    } catch (error) {
      // A destination that takes only smaller messages.
      if (error instanceof AwsError) return error.code;
      throw error;
    }
    return undefined;
  }

  private end(status: MoveStatus): void {
    this.current = status;
    this.request.ended(this);
  }
}
