import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultRates } from './aws/faults';
import { makeDynamoDb, RunningDynamoDb } from './dynamodb';
import { LocalService } from './service';
import { HostOptions, ServiceHost } from './service-host';
import { servicesWith } from './services';
import {
  AccessDenied,
  Authorizer,
  AwsCall,
  CallerIdentity,
  CreatedResource,
  Functions,
  InvocationResult,
  Principal,
} from './types';

/** What was asked of the authorizer. */
export interface AuthorizationRequest {
  readonly principal: string;
  readonly action: string;
  readonly resources: readonly string[];
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** Services under test, with the functions and roles that they lean on replaced. */
export interface TestServices {
  readonly host: ServiceHost;
  readonly calls: AwsCall[];
  readonly authorizations: AuthorizationRequest[];
  readonly logs: string[];
  /** Actions that the role lacks. */
  readonly denied: Set<string>;
  /** What functions do, by name. */
  readonly functions: Map<string, (event: unknown) => unknown>;
  readonly invocations: { readonly name: string; readonly event: unknown }[];
  readonly client: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials };
  create(type: string, logicalId: string, properties: Readonly<Record<string, unknown>>): Promise<CreatedResource>;
  /** The entries of a section of the page. */
  section(key: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Deletes expired items now in place of some seconds later; returns how many. */
  sweepExpired(): Promise<number>;
  close(): Promise<void>;
}

/** What a test may want otherwise. */
export interface TestOptions extends Partial<
  Pick<HostOptions, 'clock' | 'dataDir' | 'engines' | 'lag' | 'faultSeed' | 'callLatencyMs'>
> {
  readonly faultRates?: FaultRates;
  readonly conflictHoldMs?: number;
  /** Further services. */
  readonly services?: readonly LocalService[];
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const CALLER: Principal = { name: 'caller', roleArn: 'arn:aws:iam::000000000000:role/caller' };

/** Starts the services of the list for a test, but for Lambda and IAM: the test itself is those. */
export async function startTestServices(options: TestOptions = {}): Promise<TestServices> {
  const workDir = mkdtempSync(join(tmpdir(), 'aws-services-'));
  const calls: AwsCall[] = [];
  const authorizations: AuthorizationRequest[] = [];
  const logs: string[] = [];
  const denied = new Set<string>();
  const handlers: TestServices['functions'] = new Map();
  const invocations: { readonly name: string; readonly event: unknown }[] = [];
  const identity: CallerIdentity = { principal: CALLER, invocationId: 'invocation-1' };
  const { conflictHoldMs, services = [], ...rest } = options;
  const host = new ServiceHost({
    region: 'us-east-1',
    accountId: '000000000000',
    workDir,
    port: 0,
    ...(process.env.DYNAMODB_LOCAL === '1' ? { engines: { dynamodb: 'dynamodb-local' } } : {}),
    ...rest,
    services: servicesWith(
      replacement('IAM', { authorizer: testAuthorizer(authorizations, denied) }),
      replacement('Lambda', { functions: testFunctions(handlers, invocations) }),
      makeDynamoDb({ conflictHoldMs }),
      ...services,
    ),
    log: (line) => logs.push(line),
    identify: (key) => (key === 'AKIATEST' ? identity : undefined),
    record: (call) => calls.push(call),
  });
  const close = async (): Promise<void> => {
    await host.close();
    rmSync(workDir, { recursive: true, force: true });
  };
  try {
    await host.start();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...{ host, calls, authorizations, logs, denied, functions: handlers, invocations, close },
    client: {
      endpoint: host.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    },
    create: async (type, logicalId, properties) => {
      const provider = host.providers.find(({ types }) => types.includes(type));
      if (provider === undefined) throw new Error(`no provider for ${type}`);
      return provider.create({ stackName: 'Test', logicalId, type, properties });
    },
    section: async (key) => {
      const found = (await host.inspect()).find((section) => section.key === key);
      if (found === undefined) throw new Error(`the page has no section ${key}`);
      return found.entries;
    },
    sweepExpired: async () => {
      const dynamodb = host.running.find((service) => service instanceof RunningDynamoDb);
      if (dynamodb === undefined) throw new Error('DynamoDB does not run');
      return dynamodb.sweep();
    },
  };
}

function replacement(name: string, service: ReturnType<LocalService['start']>): LocalService {
  return { name, start: () => service };
}

function testAuthorizer(authorizations: AuthorizationRequest[], denied: ReadonlySet<string>): Authorizer {
  return {
    authorize: (who, action, resources, conditions) => {
      authorizations.push({
        principal: who.name,
        action,
        resources,
        ...(conditions === undefined ? {} : { context: conditions }),
      });
      if (denied.has(action)) throw new AccessDenied(who, action, resources[0]);
    },
    mayAssume: () => true,
    useRole: () => undefined,
    unusedActions: () => [],
  };
}

function testFunctions(
  handlers: TestServices['functions'],
  invocations: { readonly name: string; readonly event: unknown }[],
): Functions {
  const invoke = async (functionArn: string, event: unknown): Promise<InvocationResult> => {
    const name = functionArn.split(':').pop() ?? functionArn;
    invocations.push({ name, event });
    try {
      return { invocationId: `${invocations.length}`, payload: await handlers.get(name)?.(event) };
    } catch (error) {
      const payload = { errorMessage: error instanceof Error ? error.message : String(error) };
      return { invocationId: `${invocations.length}`, payload, functionError: 'Unhandled' };
    }
  };
  return {
    invoke,
    permissions: [],
    has: () => true,
    roleOf: (reference) => ({ ...CALLER, name: reference.split(':').pop() ?? reference }),
    identify: () => undefined,
    logs: () => [],
  };
}

/** A table with string keys PK and SK and one index, as the template has it. */
export const TABLE = {
  AttributeDefinitions: ['PK', 'SK', 'GSI1PK', 'GSI1SK'].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
  KeySchema: [
    { AttributeName: 'PK', KeyType: 'HASH' },
    { AttributeName: 'SK', KeyType: 'RANGE' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  GlobalSecondaryIndexes: [
    {
      IndexName: 'GSI1',
      KeySchema: [
        { AttributeName: 'GSI1PK', KeyType: 'HASH' },
        { AttributeName: 'GSI1SK', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    },
  ],
  StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
  TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
};
