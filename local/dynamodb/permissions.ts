import { attributeNames, partitionKeyValue } from './expressions';
import { conditionValue, TableInfo, tableName, Tables } from './model';
import { AwsError, AwsRequest, Json, Permission, unknownOperation } from '../aws/protocol';

type Context = Readonly<Record<string, string | readonly string[]>>;

/** Transaction members and the action that AWS checks for each. */
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'ConditionCheckItem',
  Get: 'GetItem',
};

const TABLE_ACTIONS = ['DescribeTable', 'DescribeTimeToLive'];

/** Says which actions on which ARNs a DynamoDB call needs, with its condition keys. */
export class DynamoDbPermissions {
  public constructor(
    private readonly tables: Tables,
    private readonly arnPrefix: string,
  ) {}

  public of({ operation, input }: AwsRequest): readonly Permission[] {
    switch (operation) {
      case 'GetItem':
      case 'DeleteItem':
      case 'UpdateItem':
        return [this.onItem(operation, input, input.Key as Json)];
      case 'PutItem':
        return [this.onItem(operation, input, input.Item as Json)];
      case 'Query':
      case 'Scan':
        return [this.onCollection(operation, input)];
      case 'BatchGetItem':
      case 'BatchWriteItem':
        return this.onBatch(operation, input);
      case 'TransactGetItems':
      case 'TransactWriteItems':
        return this.onTransaction(operation, input);
      case 'ListTables':
        return [{ action: 'dynamodb:ListTables', resources: ['*'] }];
      case 'DescribeEndpoints':
        return [{ action: 'dynamodb:DescribeEndpoints', resources: ['*'] }];
      default:
        if (!TABLE_ACTIONS.includes(operation)) throw unknownOperation(`dynamodb ${operation}`);
        return [{ action: `dynamodb:${operation}`, resources: [this.arn(input.TableName)] }];
    }
  }

  /** Also for a table that does not exist: AWS denies before it says so. */
  private arn(nameOrArn: unknown): string {
    return `${this.arnPrefix}${tableName(nameOrArn)}`;
  }

  private onItem(operation: string, input: Json, item: Json | undefined, enclosing?: string): Permission {
    const table = this.tables.get(input.TableName);
    const keys = this.leadingKeys(table, [item]);
    return {
      action: `dynamodb:${operation}`,
      resources: [table.arn],
      context: {
        'dynamodb:LeadingKeys': keys,
        ...attributesContext(input, Object.keys(item ?? {})),
        ...requestContext(input),
        ...(enclosing === undefined ? {} : { 'dynamodb:EnclosingOperation': enclosing }),
      },
    };
  }

  private onCollection(operation: string, input: Json): Permission {
    const table = this.tables.get(input.TableName);
    const index = table.indexes.find(({ name }) => name === input.IndexName);
    const partitionKey = index === undefined ? table.partitionKey : index.partitionKey;
    const resource = input.IndexName === undefined ? table.arn : `${table.arn}/index/${String(input.IndexName)}`;
    return {
      action: `dynamodb:${operation}`,
      resources: [resource],
      context: {
        ...(operation === 'Query' ? { 'dynamodb:LeadingKeys': [partitionKeyValue(input, partitionKey)] } : {}),
        ...attributesContext(input, []),
        ...selectContext(input),
        ...requestContext(input),
      },
    };
  }

  private onBatch(operation: string, input: Json): readonly Permission[] {
    const perTable = Object.entries((input.RequestItems ?? {}) as Readonly<Record<string, unknown>>);
    return perTable.map(([name, request]) => {
      const table = this.tables.get(name);
      const items =
        operation === 'BatchGetItem' ? ((request as { Keys?: readonly Json[] }).Keys ?? []) : batchWriteItems(request);
      return {
        action: `dynamodb:${operation}`,
        resources: [table.arn],
        context: {
          'dynamodb:LeadingKeys': this.leadingKeys(table, items),
          ...attributesContext(
            request as Json,
            items.flatMap((item) => Object.keys(item)),
          ),
          ...requestContext(input),
        },
      };
    });
  }

  private onTransaction(operation: string, input: Json): readonly Permission[] {
    return transactItems(input).map(({ kind, request }) =>
      this.onItem(
        TRANSACTION_ACTIONS[kind],
        request,
        (kind === 'Put' ? request.Item : request.Key) as Json | undefined,
        operation,
      ),
    );
  }

  private leadingKeys(table: TableInfo, items: readonly (Json | undefined)[]): string[] {
    return [...new Set(items.map((item) => conditionValue(item?.[table.partitionKey])))];
  }
}

/** One member of a transaction. */
export interface TransactMember {
  /** `Put`, `Update`, `Delete`, `ConditionCheck` or `Get`. */
  readonly kind: string;
  readonly request: Json;
}

/** The members of a TransactWriteItems or TransactGetItems. */
export function transactItems(input: Json): readonly TransactMember[] {
  if (!Array.isArray(input.TransactItems)) throw new AwsError('ValidationException', 'TransactItems must be a list');
  return (input.TransactItems as readonly Json[]).map((member) => {
    const kinds = Object.keys(member).filter((key) => TRANSACTION_ACTIONS[key] !== undefined);
    if (kinds.length !== 1) {
      throw new AwsError('ValidationException', 'TransactItems can only contain one of Check, Put, Update or Delete');
    }
    return { kind: kinds[0], request: member[kinds[0]] as Json };
  });
}

/** The items or keys of one table in a BatchWriteItem. */
export function batchWriteItems(requests: unknown): readonly Json[] {
  return (requests as readonly { PutRequest?: { Item: Json }; DeleteRequest?: { Key: Json } }[]).map(
    (request) => request.PutRequest?.Item ?? request.DeleteRequest?.Key ?? {},
  );
}

function attributesContext(input: Json, ofItem: readonly string[]): Context {
  const expressions = [
    ...[input.ProjectionExpression, input.UpdateExpression, input.ConditionExpression],
    ...[input.FilterExpression, input.KeyConditionExpression],
  ];
  const names = [...new Set([...ofItem, ...attributeNames(input, expressions)])];
  return names.length === 0 ? {} : { 'dynamodb:Attributes': names };
}

function selectContext(input: Json): Context {
  const implied = input.ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES';
  return { 'dynamodb:Select': typeof input.Select === 'string' ? input.Select : implied };
}

function requestContext(input: Json): Context {
  const context: Record<string, string> = {};
  if (typeof input.ReturnValues === 'string') context['dynamodb:ReturnValues'] = input.ReturnValues;
  if (typeof input.ReturnConsumedCapacity === 'string') {
    context['dynamodb:ReturnConsumedCapacity'] = input.ReturnConsumedCapacity;
  }
  return context;
}
