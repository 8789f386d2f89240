import { asObject, checkKeys, numberProperty, refuse } from '../aws/properties';
import { EventSource } from '../mapping';
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
    mapping: (request) => {
      const { resource, settings, patterns } = request;
      if (resource.properties.DestinationConfig !== undefined) {
        throw refuse(resource, 'property DestinationConfig is not supported by the local runner for queues');
      }
      const scaling = asObject(resource.properties.ScalingConfig);
      checkKeys(resource, 'ScalingConfig', scaling, ['MaximumConcurrency']);
      const properties = { MaximumConcurrency: scaling?.MaximumConcurrency };
      const maximumConcurrency = numberProperty(
        { ...resource, properties },
        'MaximumConcurrency',
        DEFAULT_CONCURRENCY,
        [2, 1000],
      );
      if (settings.batchSize > BATCH_WITHOUT_WINDOW && settings.windowMs === 0) {
        throw refuse(
          resource,
          `BatchSize over 10 needs MaximumBatchingWindowInSeconds of at least 1, got ${settings.batchSize}`,
        );
      }
      const bodyIsJson = looksIntoBody(patterns);
      return new QueueMapping(request, { maximumConcurrency, region, bodyIsJson }, queue, log);
    },
  };
}

/** Whether any pattern looks into the body as JSON. */
function looksIntoBody(patterns: readonly string[]): boolean {
  return patterns.some((text) => asObject((JSON.parse(text) as Readonly<Record<string, unknown>>).body) !== undefined);
}
