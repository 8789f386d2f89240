import { LocalService } from '../service';
import { SqsApi } from './api';
import { queueSource } from './event-source';
import { keyRights } from './key-rights';
import { MoveApi } from './move-api';
import { QueueProvider } from './provider';
import { Queues } from './queues';

/** SQS: standard queues. */
export const sqs: LocalService = {
  name: 'SQS',
  iamPrefixes: ['sqs'],
  start: (run) => {
    const { region, accountId, endpoint, names, faults, dataDir } = run;
    const queues = new Queues(dataDir);
    const moves = new MoveApi(queues, (line) => run.log(line));
    return {
      providers: [new QueueProvider(queues, names, { region, accountId, endpoint }, faults)],
      apis: [new SqsApi(queues, moves, `arn:aws:sqs:${region}:${accountId}:`)],
      eventSource: (arn) => {
        const queue = queues.byArn(arn);
        return queue === undefined ? undefined : queueSource(queue, region, (line) => run.log(line));
      },
      destination: (arn) => {
        const queue = queues.byArn(arn);
        if (queue === undefined) return undefined;
        return {
          action: 'sqs:SendMessage',
          others: keyRights(queue, 'send'),
          send: (message, sender) => void queue.send(message, {}, sender.name),
        };
      },
      inspect: () => [
        {
          key: 'queues',
          title: 'Queues',
          columns: [
            { key: 'name', title: 'name' },
            { key: 'visible', title: 'visible', number: true },
            { key: 'inFlight', title: 'in flight', number: true },
          ],
          entries: queues
            .all()
            .map(({ settings, depth }) => ({ name: settings.name, visible: depth.visible, inFlight: depth.inFlight })),
        },
      ],
      pending: () => moves.running,
      completed: () => moves.completed,
      stop: () => {
        moves.stop();
        queues.wake();
      },
      close: async () => Promise.resolve(queues.close()),
    };
  },
};
