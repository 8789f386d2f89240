import { createHash } from 'node:crypto';
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
import { EventDestination, EventSource, Mapping, MappingSettings } from '../mapping';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Checkpoints } from './checkpoints';
import { compileFilters } from './filter';

const USED = [
  ...['FunctionName', 'EventSourceArn', 'BatchSize', 'MaximumBatchingWindowInSeconds', 'Enabled', 'FilterCriteria'],
  ...['FunctionResponseTypes', 'DestinationConfig'],
];
const INERT = ['Tags', 'KmsKeyArn', 'MetricsConfig', 'LoggingConfig'];
const MOST_BATCH = 10_000;

/** A mapping with what a person sees of it. */
export interface EventSourceMapping {
  readonly functionArn: string;
  readonly sourceArn: string;
  readonly mapping: Mapping;
  /** Throws when the function's role lacks what the mapping needs. */
  check(): void;
}

/** Creates event source mappings over whatever streams and queues the services have. */
export class EventSourceProvider implements ResourceProvider {
  public readonly types = ['AWS::Lambda::EventSourceMapping'];
  public readonly mappings: EventSourceMapping[] = [];

  public constructor(
    private readonly run: ServiceRun,
    private readonly checkpoints: Checkpoints,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const functionArn = stringProperty(resource, 'FunctionName');
    const sourceArn = stringProperty(resource, 'EventSourceArn');
    if (functionArn === undefined || sourceArn === undefined) {
      throw refuse(resource, 'FunctionName and EventSourceArn are required');
    }
    const source = this.run.others.eventSource(sourceArn);
    if (source === undefined) {
      throw refuse(resource, `EventSourceArn ${sourceArn} is no stream and no queue of this app`);
    }
    const { used, inert } = source.properties;
    checkProperties(resource, { used: [...USED, ...used], inert: [...INERT, ...inert] });
    const hash = createHash('sha256').update(`${resource.stackName}/${resource.logicalId}`).digest('hex');
    const id = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
      '-',
    );
    await this.add(resource, source, { id, functionArn, sourceArn });
    const { region, accountId } = this.run;
    return {
      ref: id,
      attributes: { Id: id, EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${id}` },
    };
  }

  private async add(
    resource: DeployedResource,
    source: EventSource,
    base: Pick<MappingSettings, 'id' | 'functionArn' | 'sourceArn'>,
  ): Promise<void> {
    const { id, functionArn, sourceArn } = base;
    const { others, log } = this.run;
    const destinationArn = onFailure(resource);
    const patterns = readPatterns(resource);
    const request = {
      resource,
      patterns,
      settings: { ...base, ...readSettings(resource, source.defaultBatchSize, patterns) },
      checkpoint: this.checkpoints.get(id),
      invoke: async (payload: unknown) => others.functions.invoke(functionArn, payload),
      saveCheckpoint: (position: string) => this.checkpoints.set(id, position),
      discard: (message: unknown) => {
        log(`event source of ${functionArn}: records of ${sourceArn} discarded`);
        if (destinationArn === undefined) return;
        others.destination(destinationArn)?.send(JSON.stringify(message), others.functions.roleOf(functionArn));
      },
    };
    const mapping = source.mapping(request);
    // Checked like any other, and never read for.
    if (!booleanProperty(resource, 'Enabled', true)) return;
    await mapping.prepare?.();
    const check = (): void => {
      this.allow(resource, functionArn, source.actions, sourceArn);
      if (destinationArn === undefined) return;
      const destination = this.destination(resource, destinationArn);
      this.allow(resource, functionArn, [destination.action], destinationArn);
    };
    this.mappings.push({ functionArn, sourceArn, mapping, check });
  }

  private destination(resource: DeployedResource, arn: string): EventDestination {
    const destination = this.run.others.destination(arn);
    if (destination === undefined) {
      throw refuse(resource, `DestinationConfig.OnFailure.Destination ${arn} is no queue of this app`);
    }
    return destination;
  }

  /** Lambda refuses to create a mapping whose role cannot read the source. */
  private allow(resource: DeployedResource, functionArn: string, actions: readonly string[], on: string): void {
    const { functions, authorizer } = this.run.others;
    for (const action of actions) {
      try {
        authorizer.authorize(functions.roleOf(functionArn), action, [on]);
      } catch (error) {
        throw refuse(resource, `cannot read its source: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

function readSettings(
  resource: DeployedResource,
  defaultBatchSize: number,
  patterns: readonly string[],
): Pick<MappingSettings, 'batchSize' | 'windowMs' | 'reportFailures' | 'filter'> {
  const types = resource.properties.FunctionResponseTypes ?? [];
  if (!Array.isArray(types) || types.some((type) => type !== 'ReportBatchItemFailures')) {
    throw refuse(resource, `FunctionResponseTypes must be ReportBatchItemFailures, got ${JSON.stringify(types)}`);
  }
  return {
    batchSize: numberProperty(resource, 'BatchSize', defaultBatchSize, [1, MOST_BATCH]),
    windowMs: numberProperty(resource, 'MaximumBatchingWindowInSeconds', 0, [0, 300]) * 1000,
    reportFailures: types.length > 0,
    filter: readFilter(resource, patterns),
  };
}

function readPatterns(resource: DeployedResource): readonly string[] {
  const criteria = asObject(resource.properties.FilterCriteria);
  checkKeys(resource, 'FilterCriteria', criteria, ['Filters']);
  return asObjects(criteria?.Filters).map((filter) => {
    checkKeys(resource, 'FilterCriteria.Filters', filter, ['Pattern']);
    return typeof filter.Pattern === 'string' ? filter.Pattern : JSON.stringify(filter.Pattern);
  });
}

function readFilter(resource: DeployedResource, patterns: readonly string[]): MappingSettings['filter'] {
  try {
    return compileFilters(patterns);
  } catch (error) {
    throw refuse(resource, `FilterCriteria: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function onFailure(resource: DeployedResource): string | undefined {
  const config = asObject(resource.properties.DestinationConfig);
  checkKeys(resource, 'DestinationConfig', config, ['OnFailure']);
  const destination = asObject(config?.OnFailure);
  checkKeys(resource, 'DestinationConfig.OnFailure', destination, ['Destination']);
  const arn = destination?.Destination;
  if (arn !== undefined && typeof arn !== 'string') {
    throw refuse(resource, `DestinationConfig.OnFailure.Destination must be an ARN, got ${JSON.stringify(arn)}`);
  }
  return arn;
}
