import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccessDenied,
  AwsCall,
  CallerIdentity,
  CreatedResource,
  InvocationResult,
  Principal,
  RunContext,
} from '../types';
import { AwsBackend, AwsBackendOptions, startAwsBackend } from './backend';

/** What was asked of the authorizer. */
export interface Asked {
  readonly principal: string;
  readonly action: string;
  readonly resources: readonly string[];
  readonly context?: Readonly<Record<string, string | readonly string[]>>;
}

/** A back end under test, with the parts that the runner would give it replaced. */
export interface TestBackend {
  readonly backend: AwsBackend;
  readonly calls: AwsCall[];
  readonly asked: Asked[];
  readonly logs: string[];
  /** Actions that the role lacks. */
  readonly denied: Set<string>;
  /** What functions do, by name. */
  readonly functions: Map<string, (event: unknown) => unknown>;
  readonly invocations: { readonly name: string; readonly event: unknown }[];
  readonly client: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials };
  create(type: string, logicalId: string, properties: Readonly<Record<string, unknown>>): Promise<CreatedResource>;
  close(): Promise<void>;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Starts a back end for a test. */
export async function startTestBackend(
  context: Partial<RunContext> = {},
  options: AwsBackendOptions = {},
): Promise<TestBackend> {
  const workDir = mkdtempSync(join(tmpdir(), 'aws-front-'));
  const calls: AwsCall[] = [];
  const asked: Asked[] = [];
  const logs: string[] = [];
  const denied = new Set<string>();
  const functions: TestBackend['functions'] = new Map();
  const invocations: { readonly name: string; readonly event: unknown }[] = [];
  const principal: Principal = { name: 'caller', roleArn: 'arn:aws:iam::000000000000:role/caller' };
  const identity: CallerIdentity = { principal, invocationId: 'invocation-1' };
  const invoke = async (functionArn: string, event: unknown): Promise<InvocationResult> => {
    const name = functionArn.split(':').pop() ?? functionArn;
    invocations.push({ name, event });
    try {
      return { invocationId: `${invocations.length}`, payload: await functions.get(name)?.(event) };
    } catch (error) {
      const payload = { errorMessage: error instanceof Error ? error.message : String(error) };
      return { invocationId: `${invocations.length}`, payload, functionError: 'Unhandled' };
    }
  };
  const backend = await startAwsBackend(
    {
      region: 'us-east-1',
      accountId: '000000000000',
      lag: { gsi: 0, stream: 0, search: 0 },
      ...(process.env.DYNAMODB_LOCAL === '1' ? { dynamodb: 'dynamodb-local' } : {}),
      workDir,
      log: (line) => logs.push(line),
      invoker: { invoke },
      authorizer: {
        authorize: (who, action, resources, conditions) => {
          asked.push({
            principal: who.name,
            action,
            resources,
            ...(conditions === undefined ? {} : { context: conditions }),
          });
          if (denied.has(action)) throw new AccessDenied(who, action, resources[0]);
        },
      },
      identify: (key) => (key === 'AKIATEST' ? identity : undefined),
      record: (call) => calls.push(call),
      ...context,
    },
    options,
  );
  return {
    backend,
    calls,
    asked,
    logs,
    denied,
    functions,
    invocations,
    client: {
      endpoint: backend.endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'AKIATEST', secretAccessKey: 'secret' },
    },
    create: async (type, logicalId, properties) => {
      const provider = backend.providers.find(({ types }) => types.includes(type));
      if (provider === undefined) throw new Error(`no provider for ${type}`);
      return provider.create({ stackName: 'Test', logicalId, type, properties });
    },
    close: async () => {
      await backend.close();
      rmSync(workDir, { recursive: true, force: true });
    },
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
