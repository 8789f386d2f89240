import { Checkpoints } from '../checkpoints';
import { LocalService } from '../service';
import { EventSourceProvider } from './provider';

/** How long the end waits for an invocation; one that hangs ends with its function's process. */
const CLOSE_WITHIN_MS = 2000;

/** Lambda's event source mappings: streams and queues that invoke functions. */
export const eventSourceMappings: LocalService = {
  name: 'Event source mappings',
  start: (run) => {
    const checkpoints = new Checkpoints(run.dataDir, 'event-sources');
    const provider = new EventSourceProvider(run, checkpoints);
    const { mappings } = provider;
    return {
      providers: [provider],
      deployed: async () => {
        for (const { check, mapping } of mappings) {
          check();
          await mapping.start();
        }
      },
      settle: async () => void (await Promise.all(mappings.map(async ({ mapping }) => mapping.settle()))),
      completed: () => mappings.reduce((sum, { mapping: { stats } }) => sum + stats.delivered + stats.failed, 0),
      inspect: () => [
        {
          key: 'eventSources',
          title: 'Event sources',
          columns: [
            { key: 'source', title: 'from' },
            { key: 'function', title: 'to' },
            { key: 'delivered', title: 'delivered', number: true },
            { key: 'failed', title: 'failed', number: true },
          ],
          entries: mappings.map(({ functionArn, sourceArn, mapping: { stats } }) => ({
            function: functionArn.split(':function:').pop() ?? functionArn,
            source: sourceArn,
            ...stats,
          })),
        },
      ],
      stop: () => mappings.forEach(({ mapping }) => mapping.stop()),
      close: async () => {
        const ended = Promise.all(mappings.map(async ({ mapping }) => mapping.close()));
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref())]);
        checkpoints.save();
      },
    };
  },
};
