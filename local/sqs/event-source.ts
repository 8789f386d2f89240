import { isObject } from '../assembly';
import { EventSource } from '../mapping';
import { keyRights } from './key-rights';
import { Queue } from './queue';
import { QueueMapping } from './queue-mapping';

/** Lambda begins with five pollers. */
const DEFAULT_CONCURRENCY = 5;
const BATCH_WITHOUT_WINDOW = 10;

/** A queue that invokes a function. */
export function queueSource(queue: Queue, region: string, log: (line: string) => void): EventSource {
  return {
    properties: { used: ['ScalingConfig'], inert: [] },
    defaultBatchSize: 10,
    actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
    others: keyRights(queue, 'receive'),
    mapping: (request) => {
      const { properties, settings, patterns } = request;
      if (properties.has('DestinationConfig')) properties.refuse('property DestinationConfig is not for queues');
      const scaling = properties.nested('ScalingConfig', { used: ['MaximumConcurrency'] });
      const maximumConcurrency =
        scaling?.number('MaximumConcurrency', DEFAULT_CONCURRENCY, [2, 1000]) ?? DEFAULT_CONCURRENCY;
      if (settings.batchSize > BATCH_WITHOUT_WINDOW && settings.windowMs === 0) {
        const got = settings.batchSize;
        properties.refuse(`BatchSize over 10 needs MaximumBatchingWindowInSeconds of at least 1, got ${got}`);
      }
      const bodyIsJson = looksIntoBody(patterns);
      return new QueueMapping(request, { maximumConcurrency, region, bodyIsJson }, queue, log);
    },
  };
}

/** Whether any pattern looks into the body as JSON. */
function looksIntoBody(patterns: readonly string[]): boolean {
  return patterns.some((text) => isObject((JSON.parse(text) as Readonly<Record<string, unknown>>).body));
}
