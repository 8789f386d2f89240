import { PhysicalNames } from '../aws/names';
import {
  asObject,
  asObjects,
  booleanProperty,
  checkKeys,
  checkProperties,
  describeResource,
  refuse,
  stringProperty,
} from '../aws/properties';
import { AwsError, Json } from '../aws/protocol';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Engine } from './engine';
import { IndexInfo, StreamViewType, TableInfo } from './model';

const USED = [
  ...['TableName', 'AttributeDefinitions', 'KeySchema', 'BillingMode', 'ProvisionedThroughput'],
  ...['GlobalSecondaryIndexes', 'LocalSecondaryIndexes', 'StreamSpecification', 'TimeToLiveSpecification'],
];

/** Per type: what is obeyed, and what means nothing on one machine. */
const KNOWN = {
  'AWS::DynamoDB::Table': {
    used: USED,
    inert: [
      ...['SSESpecification', 'PointInTimeRecoverySpecification', 'DeletionProtectionEnabled', 'Tags', 'TableClass'],
      ...['ContributorInsightsSpecification', 'OnDemandThroughput', 'WarmThroughput'],
    ],
  },
  'AWS::DynamoDB::GlobalTable': {
    used: [...USED.filter((name) => name !== 'ProvisionedThroughput'), 'Replicas'],
    inert: [
      ...[
        'SSESpecification',
        'WriteProvisionedThroughputSettings',
        'WriteOnDemandThroughputSettings',
        'WarmThroughput',
      ],
      ...['ReadProvisionedThroughputSettings', 'ReadOnDemandThroughputSettings'],
    ],
  },
};

const REPLICA = [
  ...['Region', 'PointInTimeRecoverySpecification', 'DeletionProtectionEnabled', 'ContributorInsightsSpecification'],
  ...['TableClass', 'Tags', 'ReadProvisionedThroughputSettings', 'ReadOnDemandThroughputSettings', 'SSESpecification'],
  'GlobalSecondaryIndexes',
];

const INDEX = [
  ...['IndexName', 'KeySchema', 'Projection', 'ProvisionedThroughput', 'ContributorInsightsSpecification'],
  ...['OnDemandThroughput', 'WarmThroughput', 'WriteProvisionedThroughputSettings', 'WriteOnDemandThroughputSettings'],
  ...['ReadProvisionedThroughputSettings', 'ReadOnDemandThroughputSettings'],
];

/** What the provider tells about a table that it made. */
export interface MadeTable {
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
    private readonly names: PhysicalNames,
    private readonly place: { readonly region: string; readonly accountId: string },
    private readonly needsStream: (indexes: readonly IndexInfo[]) => boolean,
    private readonly made: (table: MadeTable) => Promise<void>,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    checkProperties(resource, KNOWN[resource.type as keyof typeof KNOWN]);
    this.checkReplicas(resource);
    const name = stringProperty(resource, 'TableName') ?? this.names.of(resource, 255);
    const keys = keySchema(resource, resource.properties.KeySchema);
    const indexes = [
      ...this.indexes(resource, 'GlobalSecondaryIndexes', false),
      ...this.indexes(resource, 'LocalSecondaryIndexes', true),
    ];
    const streamViewType = streamView(resource);
    const ttlAttribute = ttl(resource);
    const schema = engineSchema(resource, name);
    const needsStream = streamViewType !== undefined || this.needsStream(indexes);
    const stream = needsStream
      ? { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } }
      : {};
    const described = await this.ensure(resource, name, schema, stream);
    if (ttlAttribute !== undefined) await this.ensureTtl(name, ttlAttribute);
    const arn = `arn:aws:dynamodb:${this.place.region}:${this.place.accountId}:table/${name}`;
    const engineStreamArn = typeof described.LatestStreamArn === 'string' ? described.LatestStreamArn : undefined;
    const streamArn =
      streamViewType === undefined || engineStreamArn === undefined
        ? undefined
        : `${arn}/stream/${engineStreamArn.split('/').pop()}`;
    const table: TableInfo = {
      name,
      arn,
      ...keys,
      indexes,
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
  private async ensure(resource: DeployedResource, name: string, schema: Json, stream: Json): Promise<Json> {
    const existing = await this.describe(name);
    if (existing === undefined) {
      await this.engine.client.call('CreateTable', { ...schema, ...stream });
    } else {
      if (shape(existing) !== shape(schema)) {
        throw refuse(
          resource,
          `keys or indexes of ${name} differ from the table in the data folder; remove the folder to start anew`,
        );
      }
      const enabled = (existing.StreamSpecification as Json | undefined)?.StreamEnabled === true;
      if (!enabled && Object.keys(stream).length > 0) {
        await this.engine.client.call('UpdateTable', { TableName: name, ...stream });
      }
    }
    return this.active(resource, name);
  }

  private async active(resource: DeployedResource, name: string): Promise<Json> {
    const until = performance.now() + 30_000;
    for (;;) {
      const table = await this.describe(name);
      if (table?.TableStatus === 'ACTIVE') return table;
      if (performance.now() > until) {
        throw refuse(resource, `table ${name} is ${String(table?.TableStatus)} after 30 s, not ACTIVE`);
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

  private checkReplicas(resource: DeployedResource): void {
    if (resource.type !== 'AWS::DynamoDB::GlobalTable') return;
    const replicas = asObjects(resource.properties.Replicas);
    if (replicas.length !== 1 || replicas[0].Region !== this.place.region) {
      const regions = replicas.map(({ Region }) => String(Region)).join(', ');
      throw refuse(resource, `Replicas must be ${this.place.region} only, got ${regions}`);
    }
    checkKeys(resource, 'Replicas', replicas[0], REPLICA);
  }

  private indexes(resource: DeployedResource, property: string, local: boolean): readonly IndexInfo[] {
    return asObjects(resource.properties[property]).map((index) => {
      checkKeys(resource, property, index, INDEX);
      const keys = asObjects(index.KeySchema);
      if (keys.length > 2 && this.engine.kind === 'dynoxide') {
        const label = `${property}.${String(index.IndexName)}`;
        throw refuse(resource, `${label}: keys of several attributes need the engine dynamodb-local, got dynoxide`);
      }
      return { name: String(index.IndexName), local, ...keySchema(resource, index.KeySchema) };
    });
  }
}

function keySchema(
  resource: DeployedResource,
  schema: unknown,
): { readonly partitionKey: string; readonly sortKey?: string } {
  const keys = asObjects(schema);
  const partitionKey = keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  const sortKey = keys.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName;
  if (typeof partitionKey !== 'string') throw refuse(resource, 'KeySchema has no HASH key');
  return { partitionKey, ...(typeof sortKey === 'string' ? { sortKey } : {}) };
}

function streamView(resource: DeployedResource): StreamViewType | undefined {
  const specification = asObject(resource.properties.StreamSpecification);
  if (specification === undefined) return undefined;
  checkKeys(resource, 'StreamSpecification', specification, ['StreamViewType']);
  const allowed: readonly unknown[] = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];
  if (!allowed.includes(specification.StreamViewType)) {
    throw refuse(resource, `StreamSpecification.StreamViewType must be one of ${allowed.join(', ')}`);
  }
  return specification.StreamViewType as StreamViewType;
}

function ttl(resource: DeployedResource): string | undefined {
  const specification = asObject(resource.properties.TimeToLiveSpecification);
  if (specification === undefined) return undefined;
  checkKeys(resource, 'TimeToLiveSpecification', specification, ['AttributeName', 'Enabled']);
  const enabled = booleanProperty({ ...resource, properties: specification }, 'Enabled', false);
  return enabled ? String(specification.AttributeName) : undefined;
}

/** On demand whatever the template says: capacity is counted here, never limited. */
function engineSchema(resource: DeployedResource, name: string): Json {
  const { AttributeDefinitions, KeySchema } = resource.properties;
  const index = (entry: Json): Json => ({
    IndexName: entry.IndexName,
    KeySchema: entry.KeySchema,
    Projection: entry.Projection,
  });
  const global = asObjects(resource.properties.GlobalSecondaryIndexes).map(index);
  const local = asObjects(resource.properties.LocalSecondaryIndexes).map(index);
  if (KeySchema === undefined) throw new Error(`${describeResource(resource)}: KeySchema is missing`);
  return {
    TableName: name,
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(global.length === 0 ? {} : { GlobalSecondaryIndexes: global }),
    ...(local.length === 0 ? {} : { LocalSecondaryIndexes: local }),
  };
}

/** Keys and indexes of a schema or a description, in one text that is equal for equal tables. */
function shape(table: Json): string {
  const keys = (schema: unknown): readonly string[] =>
    asObjects(schema).map(({ AttributeName, KeyType }) => `${String(AttributeName)} ${String(KeyType)}`);
  const indexes = (list: unknown): readonly unknown[] =>
    asObjects(list)
      .map(({ IndexName, KeySchema, Projection }) => {
        const projection = asObject(Projection) ?? {};
        const fields = Array.isArray(projection.NonKeyAttributes)
          ? [...(projection.NonKeyAttributes as string[])].sort()
          : [];
        return { name: String(IndexName), keys: keys(KeySchema), type: projection.ProjectionType, fields };
      })
      .sort((a, b) => a.name.localeCompare(b.name));
  const types = asObjects(table.AttributeDefinitions).map(
    (entry) => `${String(entry.AttributeName)} ${String(entry.AttributeType)}`,
  );
  return JSON.stringify([
    keys(table.KeySchema),
    types.sort(),
    indexes(table.GlobalSecondaryIndexes),
    indexes(table.LocalSecondaryIndexes),
  ]);
}
