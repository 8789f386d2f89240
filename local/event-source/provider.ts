import { isObject, PropertyReader, uuidOf } from '../assembly';
import { Permission } from '../aws/protocol';
import { Checkpoints } from '../checkpoints';
import { EventDestination, EventSource, Mapping, MappingSettings } from '../mapping';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { compileFilters } from './filter';

const USED = [
  ...['FunctionName', 'EventSourceArn', 'BatchSize', 'MaximumBatchingWindowInSeconds', 'Enabled', 'FilterCriteria'],
  ...['FunctionResponseTypes', 'DestinationConfig'],
];
const INERT = ['Tags', 'KmsKeyArn', 'MetricsConfig', 'LoggingConfig'];
const MAX_BATCH_SIZE = 10_000;

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
    const { EventSourceArn: arn } = resource.properties;
    const source = typeof arn === 'string' ? this.run.others.eventSource(arn) : undefined;
    const known = { used: [...USED, ...(source?.properties.used ?? [])] };
    const inert = [...INERT, ...(source?.properties.inert ?? [])];
    const properties: PropertyReader = new PropertyReader(resource, { ...known, inert });
    const sourceArn = properties.string('EventSourceArn');
    const functionArn = properties.string('FunctionName');
    if (source === undefined) properties.refuse(`EventSourceArn ${sourceArn} is no stream and no queue of this app`);
    const id = uuidOf(resource.stackName, resource.logicalId);
    await this.add(properties, source, { id, functionArn, sourceArn });
    const { region, accountId } = this.run;
    return {
      ref: id,
      attributes: { Id: id, EventSourceMappingArn: `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${id}` },
    };
  }

  private async add(
    properties: PropertyReader,
    source: EventSource,
    base: Pick<MappingSettings, 'id' | 'functionArn' | 'sourceArn'>,
  ): Promise<void> {
    const { id, functionArn, sourceArn } = base;
    const { others, log } = this.run;
    const destinationArn = onFailure(properties);
    const patterns = readPatterns(properties);
    const request = {
      properties,
      patterns,
      settings: { ...base, ...readSettings(properties, source.defaultBatchSize, patterns) },
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
    if (!properties.boolean('Enabled', true)) return;
    await mapping.prepare?.();
    const check = (): void => {
      this.allow(properties, functionArn, [...on(sourceArn, source.actions), ...(source.others ?? [])]);
      if (destinationArn === undefined) return;
      const destination = this.destination(properties, destinationArn);
      const { action, others: alike = [] } = destination;
      this.allow(properties, functionArn, [...on(destinationArn, [action]), ...alike]);
    };
    this.mappings.push({ functionArn, sourceArn, mapping, check });
  }

  private destination(properties: PropertyReader, arn: string): EventDestination {
    const destination = this.run.others.destination(arn);
    if (destination === undefined) {
      properties.refuse(`DestinationConfig.OnFailure.Destination ${arn} is no queue of this app`);
    }
    return destination;
  }

  /** Lambda refuses to create a mapping whose role cannot read the source. */
  private allow(properties: PropertyReader, functionArn: string, needed: readonly Permission[]): void {
    const { functions, authorizer } = this.run.others;
    for (const { action, resources, context } of needed) {
      try {
        authorizer.authorize(functions.roleOf(functionArn), action, resources, context);
      } catch (error) {
        properties.refuse(`cannot read its source: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

const on = (arn: string, actions: readonly string[]): readonly Permission[] =>
  actions.map((action) => ({ action, resources: [arn] }));

function readSettings(
  properties: PropertyReader,
  defaultBatchSize: number,
  patterns: readonly string[],
): Pick<MappingSettings, 'batchSize' | 'windowMs' | 'reportFailures' | 'filter'> {
  const types = properties.list('FunctionResponseTypes');
  if (types.some((type) => type !== 'ReportBatchItemFailures')) {
    properties.refuse(`FunctionResponseTypes must be ReportBatchItemFailures, got ${JSON.stringify(types)}`);
  }
  return {
    batchSize: properties.number('BatchSize', defaultBatchSize, [1, MAX_BATCH_SIZE]),
    windowMs: properties.number('MaximumBatchingWindowInSeconds', 0, [0, 300]) * 1000,
    reportFailures: types.length > 0,
    filter: readFilter(properties, patterns),
  };
}

function readPatterns(properties: PropertyReader): readonly string[] {
  const criteria = properties.nested('FilterCriteria', { used: ['Filters'] });
  return (criteria?.nestedList('Filters', { used: ['Pattern'] }) ?? []).map((filter) => {
    const pattern = filter.value('Pattern');
    return isObject(pattern) ? JSON.stringify(pattern) : filter.string('Pattern');
  });
}

function readFilter(properties: PropertyReader, patterns: readonly string[]): MappingSettings['filter'] {
  try {
    return compileFilters(patterns);
  } catch (error) {
    return properties.refuse(`FilterCriteria: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function onFailure(properties: PropertyReader): string | undefined {
  const config = properties.nested('DestinationConfig', { used: ['OnFailure'] });
  return config?.nested('OnFailure', { used: ['Destination'] })?.optionalString('Destination');
}
