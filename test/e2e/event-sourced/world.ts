import { randomUUID } from 'node:crypto';
import {
  AdminAddUserToGroupCommand,
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import {
  BatchWriteItemCommand,
  DynamoDBClient,
  paginateScan,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { CfnOutput, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { CLAIM, claimQuery, COMMAND_QUERY, commandDocument, EVENTS_QUERY } from './documents';
import { type ClaimEvent, type CommandResult, type Page, resultOf, type ViewedClaim } from './shapes';
import { isContention } from '../../../lambda/core/dynamodb';
import { retry } from '../../../lambda/core/retry';
import { graphqlClient, type TestAnswer, type TestAuthorization } from '../../../local/appsync/testing';
import { synthesize, type TestAssembly } from '../../../local/assembly/test-assembly';
import { startApp, type StartOptions } from '../../../local/runner';
import type { RunningApp } from '../../../local/running-app';
import { EventSourcedApi, type EventSourcedApiProps } from '../../../src';
import { uniqueName } from '../world';

/** Begins all text that the tests write, so that logs can be searched for it. */
export const MARK = 'wrtn';
export const text = (what: string): string => uniqueName(`${MARK} ${what} `);

export const newId = (): string => randomUUID();

/** How one run is started. */
export interface ClaimsOptions extends Pick<
  StartOptions,
  'lag' | 'faultSeed' | 'callLatencyMs' | 'maxProcesses' | 'dataDir'
> {
  /** @default - expense claims, with `auditors` */
  readonly props?: EventSourcedApiProps;
}

/** A user who has signed in. */
export interface Session {
  readonly sub: string;
  readonly email: string;
  readonly password: string;
  /** Its access token. */
  readonly token: string;
  readonly idToken: string;
}

export type Variables = Readonly<Record<string, unknown>>;

/** A line of a log, and whose it is. */
interface LoggedLine {
  readonly of: string;
  readonly text: string;
}

export type Item = Readonly<Record<string, unknown>>;

const DAY = 24 * 3_600_000;

const canonicalJson = (item: Item): string =>
  JSON.stringify(item, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** What a claim is opened with, and an expense added with, where a test says nothing else. */
export const OPEN = { title: `${MARK} Berlin`, limitCents: 50_000, currency: 'EUR' };
export const newExpense = (more: Variables = {}): Variables => ({
  expenseId: newId(),
  description: `${MARK} Train`,
  category: 'TRAVEL',
  amountCents: 12_000,
  spentOn: '2026-01-20',
  ...more,
});

/** An event as the store has it, which no command has made. */
function eventItem(id: string, { sub }: Session, version: number, type: string, data: Variables): Item {
  const commandId = newId();
  return {
    ...{ PK: `ExpenseClaim#${id}`, SK: String(version).padStart(12, '0'), kind: 'event', type, data },
    ...{ aggregateType: 'ExpenseClaim', aggregateId: id, version, eventId: newId() },
    ...{ schemaVersion: type === 'ClaimOpened' ? 2 : 1, commandId, correlationId: commandId, actor: sub },
    occurredAt: new Date().toISOString(),
  };
}

export const claimOpened = (id: string, owner: Session, more: Variables = {}): Item =>
  eventItem(id, owner, 1, 'ClaimOpened', { ...OPEN, ...more });

export function expenseAdded(id: string, owner: Session, version: number, expense: Variables): Item {
  const { expenseId, ...more } = expense;
  return eventItem(id, owner, version, 'ExpenseAdded', { expense: { id: expenseId, ...more } });
}

/** An EventSourcedApi that runs, its users, and what tests ask it and look at. */
export class ClaimsWorld {
  private assembly?: TestAssembly;
  private run?: RunningApp;
  private cognito?: CognitoIdentityProviderClient;
  private db?: DynamoDBClient;
  private readonly codes = new Map<string, string>();
  private readonly written: LoggedLine[] = [];
  /** How far the clock of user pools and APIs is ahead, in milliseconds; functions have that of the machine. */
  private ahead = 0;

  public async start({ props, ...options }: ClaimsOptions = {}): Promise<void> {
    this.assembly = synthesize((cdk) => {
      const stack = new Stack(cdk, 'Claims');
      const api = new EventSourcedApi(stack, 'Api', {
        authFlows: { adminUserPassword: true },
        auditors: ['auditors'],
        alarms: false,
        ...props,
      });
      const [reader] = ['Reader', 'Stranger'].map(
        (id) => new iam.Role(stack, id, { assumedBy: new iam.AccountRootPrincipal() }),
      );
      api.grantReadEvents(reader);
      const outputs = { CommandUrl: api.commandUrl, QueryUrl: api.queryUrl, PoolId: api.userPool.userPoolId };
      Object.entries({ ...outputs, ClientId: api.userPoolClients[0].userPoolClientId }).forEach(
        ([name, value]) => new CfnOutput(stack, name, { value }),
      );
    });
    this.run = await startApp({
      assembly: this.assembly.directory,
      port: 0,
      // Each is a cold start; more of them are no faster where cores are few.
      maxProcesses: 2,
      clock: () => Date.now() + this.ahead,
      // Where nothing is mailed, the runner prints it.
      log: (line) => {
        const [, code, email] = /^code (\d+) for (\S+) /.exec(line) ?? [];
        if (email) this.codes.set(email, code);
        else this.written.push({ of: 'runner', text: line });
      },
      onFunctionLog: (of, { text: line }) => this.written.push({ of, text: line }),
      ...options,
    });
    this.cognito = new CognitoIdentityProviderClient({ ...this.run.aws, maxAttempts: 10 });
    this.db = new DynamoDBClient({ ...this.run.aws, maxAttempts: 10 });
  }

  public async stop(): Promise<void> {
    this.cognito?.destroy();
    this.db?.destroy();
    await this.run?.close();
    this.assembly?.remove();
  }

  public get app(): RunningApp {
    if (!this.run) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    return this.run;
  }

  public get running(): { readonly app: RunningApp } {
    return { app: this.app };
  }

  private output(name: string): string {
    return String(this.app.outputs.Claims[name]);
  }

  public get commandUrl(): string {
    return this.output('CommandUrl');
  }

  public get queryUrl(): string {
    return this.output('QueryUrl');
  }

  public get userPoolId(): string {
    return this.output('PoolId');
  }

  /** Waits until streams and queues are drained. */
  public async settled(): Promise<void> {
    await this.app.idle();
  }

  /** Every line so far, of functions, of the runner and of access logs. */
  public lines(): readonly LoggedLine[] {
    return [...this.written, ...this.app.accessLogs().map((line) => ({ of: 'access log', text: line }))];
  }

  /** Signs a user up, confirms, puts into groups, and signs in. */
  public async user(...groups: readonly string[]): Promise<Session> {
    const cognito = this.cognito as CognitoIdentityProviderClient;
    const email = `${uniqueName(MARK)}@example.com`;
    const password = `P4-${uniqueName(MARK)}`;
    const [ClientId, UserPoolId, Username] = [this.output('ClientId'), this.userPoolId, email];
    const UserAttributes = [{ Name: 'email', Value: email }];
    const { UserSub: sub } = await cognito.send(
      new SignUpCommand({ ClientId, Username, Password: password, UserAttributes }),
    );
    const ConfirmationCode = this.codes.get(email) ?? `none for ${email}`;
    await cognito.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode }));
    for (const GroupName of groups) {
      await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName }));
    }
    return { sub: String(sub), email, password, ...(await this.signIn({ email, password })) };
  }

  public async signIn(user: Pick<Session, 'email' | 'password'>): Promise<Pick<Session, 'token' | 'idToken'>> {
    const { AuthenticationResult: result } = await (this.cognito as CognitoIdentityProviderClient).send(
      new AdminInitiateAuthCommand({
        UserPoolId: this.userPoolId,
        ClientId: this.output('ClientId'),
        AuthFlow: 'ADMIN_USER_PASSWORD_AUTH',
        AuthParameters: { USERNAME: user.email, PASSWORD: user.password },
      }),
    );
    if (!result?.AccessToken || !result.IdToken) throw new Error('Cognito asks for more than a password');
    return { token: result.AccessToken, idToken: result.IdToken };
  }

  /** A session that began so long ago that it is over. */
  public async oldSession(user: Session): Promise<Session> {
    return this.after(-2 * DAY, async () => ({ ...user, ...(await this.signIn(user)) }));
  }

  /** Does something when so much time has passed on the clock of user pools and APIs. */
  public async after<T>(ms: number, action: () => Promise<T>): Promise<T> {
    this.ahead = ms;
    try {
      return await action();
    } finally {
      this.ahead = 0;
    }
  }

  /** Asks the command API. */
  public commands(by?: TestAuthorization): ReturnType<typeof graphqlClient> {
    return graphqlClient(this.commandUrl, by);
  }

  /** Asks the query API. */
  public queries(by?: TestAuthorization): ReturnType<typeof graphqlClient> {
    return graphqlClient(this.queryUrl, by);
  }

  /** As a role of the app. */
  public role(role: string): TestAuthorization {
    return { region: this.app.aws.region, credentials: this.app.credentialsOf(role) };
  }

  public async send(by: TestAuthorization | undefined, command: string, variables: Variables): Promise<TestAnswer> {
    return this.commands(by)(commandDocument(command), { commandId: newId(), ...variables });
  }

  /** A command that is accepted. */
  public async ok(by: TestAuthorization, command: string, variables: Variables): Promise<CommandResult> {
    return resultOf(await this.send(by, command, variables), command);
  }

  /** A claim that is open, with an expense where `upTo` goes further. @returns its id */
  public async claimOf(owner: Session, upTo: 'OPEN' | 'SUBMITTED' = 'OPEN', more: Variables = {}): Promise<string> {
    const id = newId();
    await this.ok(owner, 'openClaim', { id, ...OPEN, ...more });
    if (upTo === 'SUBMITTED') {
      await this.ok(owner, 'addExpense', { id, ...newExpense() });
      await this.ok(owner, 'submitClaim', { id });
    }
    return id;
  }

  public async claim(by: TestAuthorization, id: unknown, selection = CLAIM): Promise<TestAnswer> {
    return this.queries(by)(claimQuery(selection), { id });
  }

  /** A claim whose reader sees it. */
  public async seen(by: TestAuthorization, id: string, selection = CLAIM): Promise<ViewedClaim> {
    const { data, errors } = await this.claim(by, id, selection);
    expect(errors).toEqual([]);
    return data?.claim as ViewedClaim;
  }

  public async command(by: TestAuthorization, commandId: unknown): Promise<TestAnswer> {
    return this.commands(by)(COMMAND_QUERY, { commandId });
  }

  public async events(by: TestAuthorization, variables: Variables): Promise<TestAnswer> {
    return this.queries(by)(EVENTS_QUERY, variables);
  }

  /** All events of an aggregate, page by page. */
  public async allEvents(by: TestAuthorization, id: string, limit = 100): Promise<readonly ClaimEvent[]> {
    return this.pages(async (nextToken) => {
      const { data, errors } = await this.events(by, { id, limit, nextToken });
      expect(errors).toEqual([]);
      return data?.events as Page<ClaimEvent>;
    });
  }

  /** Every row of a list, page by page. */
  public async pages<Row>(ask: (nextToken: string | null) => Promise<Page<Row>>): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let token: string | null = null; ;) {
      const page: Page<Row> = await ask(token);
      rows.push(...page.items);
      if (page.nextToken === null) return rows;
      token = page.nextToken;
    }
  }

  /** Puts events into the store past the API. */
  public async putEvents(items: readonly Item[]): Promise<void> {
    const TableName = this.app.physicalId('Api/EventTable');
    for (let n = 0; n < items.length; n += 25) {
      let left = items.slice(n, n + 25).map((item): WriteRequest => ({ PutRequest: { Item: marshall(item) } }));
      while (left.length > 0) {
        const put = new BatchWriteItemCommand({ RequestItems: { [TableName]: left } });
        left = (await (this.db as DynamoDBClient).send(put)).UnprocessedItems?.[TableName] ?? [];
      }
    }
  }

  /** Makes a row of a view, and its lists alike, show what no event has made. */
  public async spoilRow(view: string, id: string): Promise<void> {
    const shown = (await this.readModelItems()).filter(
      (item) => String(item.PK).startsWith(`${view}#`) && item.id === id && item.data !== undefined,
    );
    const change = { UpdateExpression: 'SET #data.totalCents = :n', ExpressionAttributeNames: { '#data': 'data' } };
    const TableName = this.app.physicalId('Api/ReadModelTable');
    const ExpressionAttributeValues = { ':n': { N: '-1' } };
    for (const { PK, SK } of shown) {
      const spoil = new UpdateItemCommand({
        TableName,
        Key: marshall({ PK, SK }),
        ...change,
        ExpressionAttributeValues,
      });
      // The SDK does not try again where a transaction is on the item, as a fault may have it.
      await retry(() => (this.db as DynamoDBClient).send(spoil), isContention);
    }
  }

  public async eventItems(): Promise<readonly Item[]> {
    return this.items('Api/EventTable');
  }

  public async readModelItems(): Promise<readonly Item[]> {
    return this.items('Api/ReadModelTable');
  }

  /** Every item of both tables once all is settled, as text by its key: what a refused request may not have changed. */
  public async everything(): Promise<ReadonlyMap<string, string>> {
    await this.settled();
    const items = [...(await this.eventItems()), ...(await this.readModelItems())];
    return new Map(items.map((item) => [`${String(item.PK)} ${String(item.SK)}`, canonicalJson(item)]));
  }

  /** Keys of the items that are not what they were, once all is settled. */
  public async changedSince(before: ReadonlyMap<string, string>): Promise<readonly string[]> {
    const now = await this.everything();
    return [...new Set([...before.keys(), ...now.keys()])].filter((key) => before.get(key) !== now.get(key)).sort();
  }

  private async items(table: string): Promise<readonly Item[]> {
    const TableName = this.app.physicalId(table);
    const all: Item[] = [];
    const client = this.db as DynamoDBClient;
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true })) {
      all.push(...Items.map((item) => unmarshall(item)));
    }
    return all;
  }
}

/** Starts the API before the tests of a file or block and stops it after them. */
export function useClaims(options: ClaimsOptions = {}): ClaimsWorld {
  const world = new ClaimsWorld();
  beforeAll(() => world.start(options), 180_000);
  afterAll(() => world.stop(), 60_000);
  return world;
}
