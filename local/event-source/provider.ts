import { createHash } from 'node:crypto';
import { FaultSchedule } from '../aws/faults';
import {
  asObject,
  asObjects,
  booleanProperty,
  checkKeys,
  checkProperties,
  numberProperty,
  refuse,
  stringProperty,
} from '../aws/properties';
import { DynamoDbBackend } from '../dynamodb/backend';
import { Queue } from '../sqs/queue';
import { Queues } from '../sqs/queues';
import { CreatedResource, DeployedResource, Principal, ResourceProvider, RunContext } from '../types';
import { Checkpoints } from './checkpoints';
import { compileFilters, Filter, looksInto } from './filter';
import { Mapping, MappingSettings } from './mapping';
import { QueueMapping } from './queue-mapping';
import { StreamMapping } from './stream-mapping';

const COMMON = [
  ...['FunctionName', 'EventSourceArn', 'BatchSize', 'MaximumBatchingWindowInSeconds', 'Enabled', 'FilterCriteria'],
  'FunctionResponseTypes',
];
const STREAM = [
  ...['StartingPosition', 'BisectBatchOnFunctionError', 'MaximumRetryAttempts', 'MaximumRecordAgeInSeconds'],
  'DestinationConfig',
];
const INERT = ['Tags', 'KmsKeyArn', 'MetricsConfig', 'LoggingConfig'];
/** Order is kept for every item whatever the factor; here it is kept for the whole stream. */
const STREAM_INERT = [...INERT, 'ParallelizationFactor'];
/** Lambda begins with five pollers. */
const QUEUE_CONCURRENCY = 5;

/** What Lambda asks of a function's role before it reads a stream. */
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map(
  (action) => `dynamodb:${action}`,
);

/** Creates event source mappings from streams and queues, and runs them. */
export class EventSourceProvider implements ResourceProvider {
  public readonly types = ['AWS::Lambda::EventSourceMapping'];
  private readonly mappings: Mapping[] = [];

  public constructor(
    private readonly context: RunContext,
    private readonly dynamodb: DynamoDbBackend,
    private readonly queues: Queues,
    private readonly faults: FaultSchedule,
    private readonly checkpoints: Checkpoints,
    private readonly roleOf: ((functionArn: string) => Principal) | undefined,
  ) {}

  public get all(): readonly Mapping[] {
    return this.mappings;
  }

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const functionArn = stringProperty(resource, 'FunctionName');
    const sourceArn = stringProperty(resource, 'EventSourceArn');
    if (functionArn === undefined || sourceArn === undefined) {
      throw refuse(resource, 'FunctionName and EventSourceArn are required');
    }
    const hash = createHash('sha256').update(`${resource.stackName}/${resource.logicalId}`).digest('hex');
    const id = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
      '-',
    );
    const queue = this.queues.byArn(sourceArn);
    if (queue === undefined && this.dynamodb.stream(sourceArn) === undefined) {
      throw refuse(resource, `EventSourceArn ${sourceArn} is no DynamoDB stream and no queue of this app`);
    }
    const mapping =
      queue === undefined
        ? await this.stream(resource, id, functionArn, sourceArn)
        : this.queue(resource, id, functionArn, sourceArn, queue);
    if (booleanProperty(resource, 'Enabled', true)) this.mappings.push(mapping);
    const { region, accountId } = this.context;
    return {
      ref: id,
      attributes: { Id: id, EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${id}` },
    };
  }

  public async start(): Promise<void> {
    for (const mapping of this.mappings) await mapping.start();
  }

  public async close(): Promise<void> {
    await Promise.all(this.mappings.map(async (mapping) => mapping.close()));
    this.checkpoints.save();
  }

  private async stream(
    resource: DeployedResource,
    id: string,
    functionArn: string,
    sourceArn: string,
  ): Promise<Mapping> {
    checkProperties(resource, { used: [...COMMON, ...STREAM, 'TumblingWindowInSeconds'], inert: STREAM_INERT });
    if (Number(resource.properties.TumblingWindowInSeconds ?? 0) !== 0) {
      throw refuse(resource, 'property TumblingWindowInSeconds is not supported by the local runner');
    }
    const found = this.dynamodb.stream(sourceArn);
    if (found?.table.streamViewType === undefined) throw refuse(resource, `no stream ${sourceArn}`);
    const { table, reader } = found;
    const position = stringProperty(resource, 'StartingPosition');
    if (position !== 'TRIM_HORIZON' && position !== 'LATEST') {
      throw refuse(resource, `StartingPosition must be TRIM_HORIZON or LATEST, got ${JSON.stringify(position)}`);
    }
    const retries = numberProperty(resource, 'MaximumRetryAttempts', -1, [-1, 10_000]);
    const age = numberProperty(resource, 'MaximumRecordAgeInSeconds', -1, [-1, 604_800]);
    const destination = this.onFailure(resource);
    const principal = this.roleOf?.(functionArn);
    const checkpoint = this.checkpoints.get(id);
    const mapping = new StreamMapping(
      {
        ...this.common(resource, { id, functionArn, sourceArn, batchSize: 100, mostBatch: 10_000 }),
        viewType: found.table.streamViewType,
        lagMs: this.context.lag.stream,
        bisect: booleanProperty(resource, 'BisectBatchOnFunctionError', false),
        ...(retries === -1 ? {} : { maximumRetries: retries }),
        ...(age === -1 ? {} : { maximumAgeMs: age * 1000 }),
      },
      reader,
      async (arn, payload) => this.context.invoker.invoke(arn, payload),
      this.faults,
      {
        check: () => {
          this.allow(resource, principal, STREAM_ACTIONS, sourceArn);
          if (destination === undefined) return;
          this.allow(resource, principal, ['sqs:SendMessage'], destination);
          if (this.queues.byArn(destination) === undefined) {
            throw refuse(resource, `DestinationConfig.OnFailure.Destination ${destination} is no queue of this app`);
          }
        },
        cursor: async () => reader.cursor(checkpoint === undefined ? position : { after: checkpoint }),
        discard: (message) => {
          this.context.log(`event source of ${functionArn}: records of ${table.name} discarded`);
          if (destination !== undefined) {
            this.queues.byArn(destination)?.send(JSON.stringify(message), {}, principal?.name ?? 'lambda');
          }
        },
        checkpoint: (sequenceNumber) => this.checkpoints.set(id, sequenceNumber),
        log: this.context.log,
      },
    );
    if (booleanProperty(resource, 'Enabled', true)) await mapping.prepare();
    return mapping;
  }

  private queue(resource: DeployedResource, id: string, functionArn: string, sourceArn: string, queue: Queue): Mapping {
    checkProperties(resource, { used: [...COMMON, 'ScalingConfig'], inert: INERT });
    const scaling = asObject(resource.properties.ScalingConfig);
    checkKeys(resource, 'ScalingConfig', scaling, ['MaximumConcurrency']);
    const properties = { MaximumConcurrency: scaling?.MaximumConcurrency };
    const maximumConcurrency = numberProperty(
      { ...resource, properties },
      'MaximumConcurrency',
      QUEUE_CONCURRENCY,
      [2, 1000],
    );
    const settings = this.common(resource, { id, functionArn, sourceArn, batchSize: 10, mostBatch: 10_000 });
    if (settings.batchSize > 10 && settings.windowMs === 0) {
      throw refuse(
        resource,
        `BatchSize over 10 needs MaximumBatchingWindowInSeconds of at least 1, got ${settings.batchSize}`,
      );
    }
    const principal = this.roleOf?.(functionArn);
    return new QueueMapping(
      {
        ...settings,
        maximumConcurrency,
        region: this.context.region,
        bodyIsJson: looksInto(patterns(resource), 'body'),
      },
      queue,
      async (arn, payload) => this.context.invoker.invoke(arn, payload),
      {
        check: () =>
          this.allow(
            resource,
            principal,
            ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
            sourceArn,
          ),
        log: this.context.log,
      },
    );
  }

  private common(
    resource: DeployedResource,
    base: Pick<MappingSettings, 'id' | 'functionArn' | 'sourceArn' | 'batchSize'> & { readonly mostBatch: number },
  ): MappingSettings {
    const { mostBatch, ...settings } = base;
    const types = resource.properties.FunctionResponseTypes ?? [];
    if (!Array.isArray(types) || types.some((type) => type !== 'ReportBatchItemFailures')) {
      throw refuse(resource, `FunctionResponseTypes must be ReportBatchItemFailures, got ${JSON.stringify(types)}`);
    }
    return {
      ...settings,
      batchSize: numberProperty(resource, 'BatchSize', base.batchSize, [1, mostBatch]),
      windowMs: numberProperty(resource, 'MaximumBatchingWindowInSeconds', 0, [0, 300]) * 1000,
      reportFailures: types.length > 0,
      filter: filters(resource),
    };
  }

  private onFailure(resource: DeployedResource): string | undefined {
    const config = asObject(resource.properties.DestinationConfig);
    checkKeys(resource, 'DestinationConfig', config, ['OnFailure']);
    const onFailure = asObject(config?.OnFailure);
    checkKeys(resource, 'DestinationConfig.OnFailure', onFailure, ['Destination']);
    const arn = onFailure?.Destination;
    if (arn === undefined) return undefined;
    if (typeof arn !== 'string' || !arn.startsWith('arn:aws:sqs:')) {
      throw refuse(
        resource,
        `DestinationConfig.OnFailure.Destination must be an SQS queue, got ${JSON.stringify(arn)}`,
      );
    }
    return arn;
  }

  /** Lambda refuses to create a mapping whose role cannot read the source. */
  private allow(
    resource: DeployedResource,
    principal: Principal | undefined,
    actions: readonly string[],
    on: string,
  ): void {
    if (principal === undefined) return;
    for (const action of actions) {
      try {
        this.context.authorizer.authorize(principal, action, [on]);
      } catch (error) {
        throw refuse(resource, `cannot read its source: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

function patterns(resource: DeployedResource): readonly string[] {
  const criteria = asObject(resource.properties.FilterCriteria);
  checkKeys(resource, 'FilterCriteria', criteria, ['Filters']);
  return asObjects(criteria?.Filters).map((filter) => {
    checkKeys(resource, 'FilterCriteria.Filters', filter, ['Pattern']);
    return typeof filter.Pattern === 'string' ? filter.Pattern : JSON.stringify(filter.Pattern);
  });
}

function filters(resource: DeployedResource): Filter {
  try {
    return compileFilters(patterns(resource));
  } catch (error) {
    throw refuse(resource, `FilterCriteria: ${error instanceof Error ? error.message : String(error)}`);
  }
}
