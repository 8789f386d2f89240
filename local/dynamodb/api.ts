import { splitAtRandom, requestItems } from './batches';
import { ConsumedUnits, consumed, refusedWriteUnits, trimCapacity } from './capacity';
import { CancellationReason, Conflicts } from './conflicts';
import { EngineClient, parse } from './engine-client';
import { usedPlaceholders } from './expressions';
import { LastKeys } from './last-keys';
import { keyOf, keyText, TableInfo, tableName, Tables } from './model';
import { batchWriteItems, DynamoDbPermissions, transactItems, TransactMember } from './permissions';
import { Forward, EngineResult, Reads, ReadSources } from './reads';
import { throttled } from './throttling';
import { FaultSchedule } from '../aws/faults';
import { awsJson } from '../aws/json-protocol';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, Json, Permission } from '../aws/protocol';

const DYNAMODB = 'DynamoDB_20120810';

/** DynamoDB as functions see it: the engine, with AWS's conflicts, lag and faults around it. */
export class DynamoDbApi implements AwsApi {
  public readonly prefix = 'dynamodb';
  public readonly protocol = awsJson(DYNAMODB, '1.0');
  public readonly throttled = throttled;
  private readonly permissionsOf: DynamoDbPermissions;
  private readonly reads: Reads;
  private readonly ofTransactions = new LastKeys(10_000);

  public constructor(
    private readonly client: EngineClient,
    private readonly tables: Tables,
    private readonly conflicts: Conflicts,
    private readonly faults: FaultSchedule,
    sources: ReadSources,
    /** Called after a write to a table was applied. */
    private readonly written: (table: string) => void,
    private readonly place: { readonly region: string; readonly accountId: string },
  ) {
    this.permissionsOf = new DynamoDbPermissions(tables, `arn:aws:dynamodb:${place.region}:${place.accountId}:table/`);
    const forward: Forward = async (...call) => this.forward(...call);
    this.reads = new Reads(tables, sources, faults, forward);
  }

  public permissions(request: AwsRequest): readonly Permission[] {
    return this.permissionsOf.of(request);
  }

  public async handle({ operation, input, caller: { invocationId } }: AwsRequest): Promise<AwsAnswer> {
    switch (operation) {
      case 'PutItem':
      case 'UpdateItem':
      case 'DeleteItem':
        return this.writeItem(operation, input, invocationId);
      case 'BatchWriteItem':
        return this.batchWrite(input);
      case 'BatchGetItem':
        return this.reads.batchGet(input);
      case 'TransactWriteItems':
        return this.transactWrite(input, invocationId);
      case 'TransactGetItems': {
        const keys = transactItems(input).map((member) => this.memberKey(member));
        this.conflicts.transactRead(keys, this.conflictAt(operation, keys, invocationId));
        return this.forward(operation, { ...input, TransactItems: this.named(input) }, input);
      }
      case 'Query':
      case 'Scan':
        return this.reads.collection(operation, input);
      case 'GetItem':
        return this.reads.getItem(input);
      case 'DescribeTable':
        return this.describeTable(this.tables.get(input.TableName));
      case 'ListTables':
        return {
          body: {
            TableNames: this.tables
              .all()
              .map(({ name }) => name)
              .sort(),
          },
        };
      case 'DescribeEndpoints':
        throw new AwsError(
          'UnknownOperationException',
          'dynamodb DescribeEndpoints is not supported by the local runner',
        );
      default:
        return { body: parse(await this.client.raw(DYNAMODB, operation, JSON.stringify(this.withName(input)))) };
    }
  }

  /** The engine knows names only; a table may also be given by its ARN. */
  private withName(input: Json): Json {
    return { ...input, TableName: this.tables.get(input.TableName).name };
  }

  private named(input: Json): readonly Json[] {
    return transactItems(input).map(({ kind, request }) => ({ [kind]: this.withName(request) }));
  }

  private memberKey({ kind, request }: TransactMember): string {
    return keyText(this.tables.get(request.TableName), ((kind === 'Put' ? request.Item : request.Key) ?? {}) as Json);
  }

  /** Calls the engine, which always counts units; the client gets of them what it asked for. */
  private async forward(operation: string, engineInput: Json, clientInput: Json): Promise<EngineResult> {
    const sent = JSON.stringify({ ...engineInput, ReturnConsumedCapacity: 'INDEXES' });
    const body = parse(await this.client.raw(DYNAMODB, operation, sent));
    const units: ConsumedUnits = consumed(operation, body.ConsumedCapacity);
    return { body: trimCapacity(body, clientInput.ReturnConsumedCapacity), ...units };
  }

  /**
   * One of the keys, where the schedule has it that another transaction is on it. No transaction can be on an item that none
   * ever writes.
   */
  private conflictAt(operation: string, keys: readonly string[], invocationId?: string): string | undefined {
    if (!this.faults.enabled) return undefined;
    if (operation === 'TransactWriteItems') this.ofTransactions.add(keys);
    else if (!keys.some((key) => this.ofTransactions.has(key))) return undefined;
    const fault = this.faults.next(`dynamodb:${operation} conflict`, ['conflict'], invocationId);
    return fault === undefined ? undefined : keys[Math.floor(fault.random() * keys.length)];
  }

  private async writeItem(operation: string, input: Json, invocationId?: string): Promise<AwsAnswer> {
    const table = this.tables.get(input.TableName);
    const key = keyText(table, ((operation === 'PutItem' ? input.Item : input.Key) ?? {}) as Json);
    const conditional = typeof input.ConditionExpression === 'string';
    // The old item is always asked for: a refused write is charged by its size.
    const returned = conditional ? { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } : {};
    try {
      const engineInput = { ...this.withName(input), ...returned };
      const answer = await this.conflicts.write(
        key,
        async () => this.forward(operation, engineInput, input),
        this.conflictAt(operation, [key], invocationId),
      );
      this.written(table.name);
      return answer;
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ConditionalCheckFailedException') throw error;
      const { Item, ...rest } = error.body();
      const wanted = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && Item !== undefined;
      return {
        status: error.status,
        errorCode: error.code,
        body: wanted ? { ...rest, Item } : rest,
        writeUnits: { [table.name]: refusedWriteUnits(Item) },
      };
    }
  }

  private async batchWrite(input: Json): Promise<AwsAnswer> {
    const requests = requestItems(input);
    const fault = this.faults.next('dynamodb:BatchWriteItem unprocessed', ['partialBatch']);
    const kept: Record<string, readonly unknown[]> = {};
    const left: Record<string, readonly unknown[]> = {};
    const keys: string[] = [];
    for (const [name, list] of Object.entries(requests)) {
      const table = this.tables.get(name);
      const members = list as readonly Json[];
      const memberKeys = batchWriteItems(members).map((item) => keyText(table, item));
      const [chosen] = fault === undefined ? [members] : splitAtRandom(members, fault);
      // What a transaction holds is not refused but left for another try, as a throttled member would be.
      const now = members.filter(
        (member, index) => chosen.includes(member) && !this.conflicts.holds(memberKeys[index]),
      );
      const later = members.filter((member) => !now.includes(member));
      if (now.length > 0) kept[name] = now;
      if (later.length > 0) left[name] = later;
      keys.push(...memberKeys.filter((_, index) => now.includes(members[index])));
    }
    if (Object.keys(kept).length === 0 && Object.keys(left).length > 0) return { body: { UnprocessedItems: left } };
    const run = async (): Promise<EngineResult> =>
      this.forward('BatchWriteItem', { ...input, RequestItems: kept }, input);
    const answer = await this.conflicts.during(keys, run);
    for (const name of Object.keys(kept)) this.written(tableName(name));
    return { ...answer, body: { ...answer.body, UnprocessedItems: left } };
  }

  private async transactWrite(input: Json, invocationId?: string): Promise<AwsAnswer> {
    const members = transactItems(input);
    const keys = members.map((member) => this.memberKey(member));
    const token = typeof input.ClientRequestToken === 'string' ? input.ClientRequestToken : undefined;
    const engineInput = { ...input, TransactItems: this.named(input) };
    const answer = await this.conflicts.transactWrite(
      keys,
      token,
      async () => this.forward('TransactWriteItems', engineInput, input),
      async (free) => this.conditionReasons(free.map((index) => members[index])),
      this.conflictAt('TransactWriteItems', keys, invocationId),
    );
    for (const { request } of members) this.written(this.tables.get(request.TableName).name);
    return answer;
  }

  /** AWS looks at every member: one that does not conflict still says when its own condition fails. */
  private async conditionReasons(members: readonly TransactMember[]): Promise<readonly CancellationReason[]> {
    const none: CancellationReason = { Code: 'None' };
    const reasons = members.map(() => none);
    const conditional = members.flatMap((member, index) =>
      typeof member.request.ConditionExpression === 'string' ? [index] : [],
    );
    if (conditional.length === 0) return reasons;
    const checks = conditional.map((index) => ({ ConditionCheck: this.asConditionCheck(members[index]) }));
    try {
      await this.client.call('TransactWriteItems', { TransactItems: checks });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'TransactionCanceledException') throw error;
      const found = error.fields.CancellationReasons as readonly CancellationReason[];
      conditional.forEach((index, position) => (reasons[index] = found[position] ?? none));
    }
    return reasons;
  }

  private asConditionCheck({ kind, request }: TransactMember): Json {
    const table = this.tables.get(request.TableName);
    const condition = String(request.ConditionExpression);
    const returned = request.ReturnValuesOnConditionCheckFailure;
    return {
      TableName: table.name,
      Key: kind === 'Put' ? keyOf(table, request.Item as Json) : request.Key,
      ConditionExpression: condition,
      ...usedPlaceholders(request, condition),
      ...(returned === undefined ? {} : { ReturnValuesOnConditionCheckFailure: returned }),
    };
  }

  /** The engine's description with the names that the template sees, without what lag added. */
  private async describeTable(table: TableInfo): Promise<AwsAnswer> {
    const described = (await this.client.call('DescribeTable', { TableName: table.name })).Table as Json;
    const { StreamSpecification, LatestStreamArn, LatestStreamLabel, ...rest } = described;
    const text = JSON.stringify(rest).replace(
      /arn:aws:dynamodb:[^:"]*:[^:"]*:/g,
      `arn:aws:dynamodb:${this.place.region}:${this.place.accountId}:`,
    );
    const stream =
      table.streamArn === undefined
        ? {}
        : {
            StreamSpecification: { StreamEnabled: true, StreamViewType: table.streamViewType },
            LatestStreamArn: table.streamArn,
            LatestStreamLabel: table.streamArn.split('/').pop(),
          };
    return { body: { Table: { ...(JSON.parse(text) as Json), ...stream } } };
  }
}
