import { Checkpoints } from '../checkpoints';
import { functionNameOf } from '../lambda/reference';
import { LocalService, Unawaited } from '../service';
import { EventSourceMapping, EventSourceProvider } from './provider';

/** How long the end waits for an invocation; one that hangs ends with its function's process. */
const CLOSE_WITHIN_MS = 2000;

/** Lambda's event source mappings: streams and queues that invoke functions. */
export const eventSourceMappings: LocalService = {
  name: 'Event source mappings',
  start: (run) => {
    const checkpoints = new Checkpoints(run.dataDir, 'event-sources');
    const provider = new EventSourceProvider(run, checkpoints);
    const { mappings } = provider;
    const awaited = (without: Unawaited): readonly EventSourceMapping[] =>
      mappings.filter(({ functionArn }) => !without.has(functionNameOf(functionArn)));
    return {
      providers: [provider],
      deployed: async () => {
        for (const { check, mapping } of mappings) {
          check();
          await mapping.start();
        }
      },
      settle: async (without) =>
        void (await Promise.all(awaited(without).map(async ({ mapping }) => mapping.settle()))),
      completed: (without) =>
        awaited(without).reduce((sum, { mapping: { stats } }) => sum + stats.delivered + stats.failed, 0),
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
            function: functionNameOf(functionArn),
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
