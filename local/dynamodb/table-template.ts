import { JsonObject, PropertyReader } from '../assembly';
import { Json } from '../aws/protocol';
import { DeployedResource } from '../types';
import { IndexInfo, StreamViewType } from './model';
import { objects } from './table-shape';

const USED = [
  ...['TableName', 'AttributeDefinitions', 'KeySchema', 'BillingMode', 'ProvisionedThroughput'],
  ...['GlobalSecondaryIndexes', 'LocalSecondaryIndexes', 'StreamSpecification', 'TimeToLiveSpecification'],
  'SSESpecification',
];

/** Per type of table: what is obeyed, and what means nothing on one machine. */
export const KNOWN = {
  'AWS::DynamoDB::Table': {
    used: [...USED, 'PointInTimeRecoverySpecification'],
    inert: [
      ...['DeletionProtectionEnabled', 'Tags', 'TableClass', 'ContributorInsightsSpecification'],
      ...['OnDemandThroughput', 'WarmThroughput'],
    ],
  },
  'AWS::DynamoDB::GlobalTable': {
    used: [...USED.filter((name) => name !== 'ProvisionedThroughput'), 'Replicas'],
    inert: [
      ...['WriteProvisionedThroughputSettings', 'WriteOnDemandThroughputSettings', 'WarmThroughput'],
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

const VIEW_TYPES = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'] as const;

/** What the template says of a table. */
export interface TableTemplate {
  readonly properties: PropertyReader;
  readonly partitionKey: string;
  readonly sortKey?: string;
  readonly indexes: readonly IndexInfo[];
  readonly streamViewType?: StreamViewType;
  readonly ttlAttribute?: string;
  readonly pointInTimeRecovery: boolean;
  /** Of the customer's key, as the template names it. */
  readonly keyId?: string;
  /** For CreateTable, without the name. */
  readonly schema: Json;
}

/**
 * Reads a table's template.
 *
 * @param mostKeyAttributes of an index key, as far as the engine can
 * @throws an Error naming what is not supported
 */
export function readTable(resource: DeployedResource, region: string, mostKeyAttributes: number): TableTemplate {
  const properties = new PropertyReader(resource, KNOWN[resource.type as keyof typeof KNOWN]);
  const replica = resource.type === 'AWS::DynamoDB::GlobalTable' ? onlyReplica(properties, region) : properties;
  const global = properties.nestedList('GlobalSecondaryIndexes', { used: INDEX });
  const local = properties.nestedList('LocalSecondaryIndexes', { used: INDEX });
  for (const index of global) {
    if (index.list('KeySchema').length > mostKeyAttributes) {
      index.refuse('keys of several attributes need the engine dynamodb-local, got dynoxide');
    }
  }
  const stream = properties.nested('StreamSpecification', { used: ['StreamViewType'] });
  const ttl = properties.nested('TimeToLiveSpecification', { used: ['AttributeName', 'Enabled'] });
  return {
    properties,
    ...keySchema(properties),
    indexes: [
      ...global.map((index) => ({ name: index.string('IndexName'), local: false, ...keySchema(index) })),
      ...local.map((index) => ({ name: index.string('IndexName'), local: true, ...keySchema(index) })),
    ],
    ...(stream === undefined ? {} : { streamViewType: viewTypeOf(stream) }),
    ...(ttl?.boolean('Enabled', false) === true ? { ttlAttribute: ttl.string('AttributeName') } : {}),
    pointInTimeRecovery: hasRecovery(replica),
    keyId: (
      replica.nested('SSESpecification', ENCRYPTION) ?? properties.nested('SSESpecification', ENCRYPTION)
    )?.optionalString('KMSMasterKeyId'),
    schema: engineSchema(properties),
  };
}

const ENCRYPTION = { used: ['KMSMasterKeyId'], inert: ['SSEEnabled', 'SSEType'] };

function hasRecovery(properties: PropertyReader): boolean {
  const recovery = properties.nested('PointInTimeRecoverySpecification', {
    used: ['PointInTimeRecoveryEnabled'],
    inert: ['RecoveryPeriodInDays'],
  });
  return recovery?.boolean('PointInTimeRecoveryEnabled', false) ?? false;
}

function onlyReplica(properties: PropertyReader, region: string): PropertyReader {
  const replicas = properties.nestedList('Replicas', { used: REPLICA });
  const regions = replicas.map((replica) => replica.string('Region'));
  if (regions.length !== 1 || regions[0] !== region) {
    properties.refuse(`Replicas must be ${region} only, got ${regions.join(', ')}`);
  }
  return replicas[0];
}

function keySchema(properties: PropertyReader): { readonly partitionKey: string; readonly sortKey?: string } {
  const keys = objects(properties.list('KeySchema'));
  const partitionKey = keys.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName;
  const sortKey = keys.find(({ KeyType }) => KeyType === 'RANGE')?.AttributeName;
  if (typeof partitionKey !== 'string') properties.refuse('KeySchema has no HASH key');
  return { partitionKey, ...(typeof sortKey === 'string' ? { sortKey } : {}) };
}

function viewTypeOf(stream: PropertyReader): StreamViewType {
  const given = stream.string('StreamViewType');
  const known = VIEW_TYPES.find((type) => type === given);
  return known ?? stream.refuse(`StreamViewType must be one of ${VIEW_TYPES.join(', ')}, got ${given}`);
}

/** On demand whatever the template says: capacity is counted here, never limited. */
function engineSchema(properties: PropertyReader): Json {
  const indexes = (name: string): Readonly<Record<string, readonly JsonObject[]>> => {
    const list = objects(properties.value(name));
    const schemas = list.map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
    return list.length === 0 ? {} : { [name]: schemas };
  };
  return {
    AttributeDefinitions: properties.value('AttributeDefinitions'),
    KeySchema: properties.value('KeySchema'),
    BillingMode: 'PAY_PER_REQUEST',
    ...indexes('GlobalSecondaryIndexes'),
    ...indexes('LocalSecondaryIndexes'),
  };
}
