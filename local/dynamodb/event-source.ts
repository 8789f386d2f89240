import { PropertyReader } from '../assembly';
import { FaultSchedule } from '../aws/faults';
import { EventSource } from '../mapping';
import { StreamViewType } from './model';
import { StreamMapping, StreamSettings } from './stream-mapping';
import { StreamReader } from './stream-reader';

const USED = [
  ...['StartingPosition', 'BisectBatchOnFunctionError', 'MaximumRetryAttempts', 'MaximumRecordAgeInSeconds'],
  'TumblingWindowInSeconds',
];

/** What the source of one stream is made with. */
export interface StreamSourceOptions {
  readonly viewType: StreamViewType;
  readonly lagMs: number;
  readonly reader: StreamReader;
  readonly faults: FaultSchedule;
  readonly log: (line: string) => void;
}

/** A table's stream that invokes a function. */
export function streamSource({ viewType, lagMs, reader, faults, log }: StreamSourceOptions): EventSource {
  return {
    // Order is kept for every item whatever the factor; here it is kept for the whole stream.
    properties: { used: USED, inert: ['ParallelizationFactor'] },
    defaultBatchSize: 100,
    actions: ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) => `dynamodb:${action}`),
    mapping: (request) =>
      new StreamMapping(request, { viewType, lagMs, ...readSettings(request.properties) }, reader, faults, log),
  };
}

function readSettings(properties: PropertyReader): Omit<StreamSettings, 'viewType' | 'lagMs'> {
  if ((properties.optionalNumber('TumblingWindowInSeconds') ?? 0) !== 0) {
    properties.refuse('property TumblingWindowInSeconds is not supported here');
  }
  const startingPosition = properties.optionalString('StartingPosition');
  if (startingPosition !== 'TRIM_HORIZON' && startingPosition !== 'LATEST') {
    properties.refuse(`StartingPosition must be TRIM_HORIZON or LATEST, got ${JSON.stringify(startingPosition)}`);
  }
  const retries = properties.number('MaximumRetryAttempts', -1, [-1, 10_000]);
  const age = properties.number('MaximumRecordAgeInSeconds', -1, [-1, 604_800]);
  return {
    startingPosition,
    bisect: properties.boolean('BisectBatchOnFunctionError', false),
    ...(retries === -1 ? {} : { maximumRetries: retries }),
    ...(age === -1 ? {} : { maximumAgeMs: age * 1000 }),
  };
}
