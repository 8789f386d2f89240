import { DataNames, PropertyReader } from '../assembly';
import { AwsError, Json } from '../aws/protocol';
import { keyArn } from '../kms/key-arn';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Engine } from './engine';
import { IndexInfo, TableInfo } from './model';
import { shape } from './table-shape';
import { KNOWN, readTable } from './table-template';

/** What the provider tells about a table that it made. */
export interface CreatedTable {
  readonly table: TableInfo;
  /** Schema for the engine, for a delayed copy. */
  readonly schema: Json;
  /** The engine's ARN of the stream. */
  readonly engineStreamArn?: string;
}

/** Creates tables in the engine. */
export class TableProvider implements ResourceProvider {
  public readonly types = Object.keys(KNOWN);

  /**
   * @param needsStream whether a table with these indexes needs a stream in the engine, for copies that are behind
   * @param made called with each table
   */
  public constructor(
    private readonly engine: Engine,
    private readonly names: DataNames,
    private readonly place: { readonly region: string; readonly accountId: string },
    private readonly needsStream: (indexes: readonly IndexInfo[]) => boolean,
    private readonly made: (table: CreatedTable) => Promise<void>,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const { region, accountId } = this.place;
    const mostKeyAttributes = this.engine.kind === 'dynoxide' ? 2 : Infinity;
    const template = readTable(resource, region, mostKeyAttributes);
    const { properties, streamViewType, ttlAttribute, partitionKey, sortKey, indexes } = template;
    const name = properties.optionalString('TableName') ?? this.names.of(resource, 255);
    const schema = { TableName: name, ...template.schema };
    const stream =
      streamViewType !== undefined || this.needsStream(indexes)
        ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }
        : {};
    const described = await this.ensure(properties, name, schema, stream);
    if (ttlAttribute !== undefined) await this.ensureTtl(name, ttlAttribute);
    const arn = `arn:aws:dynamodb:${region}:${accountId}:table/${name}`;
    const engineStreamArn = typeof described.LatestStreamArn === 'string' ? described.LatestStreamArn : undefined;
    const streamArn =
      streamViewType === undefined || engineStreamArn === undefined
        ? undefined
        : `${arn}/stream/${engineStreamArn.split('/').pop()}`;
    const table: TableInfo = {
      ...{ name, arn, partitionKey, indexes, pointInTimeRecovery: template.pointInTimeRecovery },
      keyArn: keyArn(template.keyId, this.place),
      ...(sortKey === undefined ? {} : { sortKey }),
      ...(streamViewType === undefined ? {} : { streamViewType, streamArn }),
      ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
    };
    await this.made({ table, schema, ...(engineStreamArn === undefined ? {} : { engineStreamArn }) });
    const attributes = {
      Arn: arn,
      TableId: String(described.TableId ?? name),
      ...(streamArn === undefined ? {} : { StreamArn: streamArn }),
    };
    return { ref: name, attributes };
  }

  /** Takes the table that a data folder has, when it has the same keys and indexes; else creates it. */
  private async ensure(properties: PropertyReader, name: string, schema: Json, stream: Json): Promise<Json> {
    const existing = await this.describe(name);
    if (existing === undefined) {
      await this.engine.client.call('CreateTable', { ...schema, ...stream });
    } else {
      if (shape(existing) !== shape(schema)) {
        properties.refuse(
          `keys or indexes of ${name} differ from the table in the data folder; remove the folder to start anew`,
        );
      }
      const enabled = (existing.StreamSpecification as Json | undefined)?.StreamEnabled === true;
      if (!enabled && Object.keys(stream).length > 0) {
        await this.engine.client.call('UpdateTable', { TableName: name, ...stream });
      }
    }
    return this.active(properties, name);
  }

  private async active(properties: PropertyReader, name: string): Promise<Json> {
    const until = performance.now() + 30_000;
    for (;;) {
      const table = await this.describe(name);
      if (table?.TableStatus === 'ACTIVE') return table;
      if (performance.now() > until) {
        properties.refuse(`table ${name} is ${String(table?.TableStatus)} after 30 s, not ACTIVE`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  private async describe(name: string): Promise<Json | undefined> {
    try {
      return (await this.engine.client.call('DescribeTable', { TableName: name })).Table as Json;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  private async ensureTtl(name: string, attribute: string): Promise<void> {
    const described = await this.engine.client.call('DescribeTimeToLive', { TableName: name });
    const status = (described.TimeToLiveDescription as Json | undefined)?.TimeToLiveStatus;
    if (status === 'ENABLED' || status === 'ENABLING') return;
    const specification = { Enabled: true, AttributeName: attribute };
    await this.engine.client.call('UpdateTimeToLive', { TableName: name, TimeToLiveSpecification: specification });
  }
}
