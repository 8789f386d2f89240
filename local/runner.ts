import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploy, Deployment, readAssembly, RunningResource, summarizeInert } from './assembly';
import { startAwsBackend } from './aws';
import { CustomResourceProvider, CustomResourceState, ResponseServer } from './custom-resource';
import { GatewayServer, HttpApiProvider, Preflight, RequestRecord } from './http-api';
import { IamAuthorizer, IamProvider, UnusedAction } from './iam';
import { createInspector } from './inspector';
import { LambdaProvider, LambdaService, LogLine, Ring } from './lambda';
import { AwsCall, InvocationResult, Lag, Principal, ResourceProvider, RunContext } from './types';

/** AWS calls kept for tests and the page. */
const KEPT_CALLS = 50_000;

/** Requests kept for tests and the page. */
const KEPT_REQUESTS = 1000;

const DEFAULT_REGION = 'us-east-1';
const DEFAULT_ACCOUNT = '000000000000';

/** The data services as the runner needs them; `startAwsBackend` gives them and more. */
export interface AwsBackend {
  /** `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly providers: readonly ResourceProvider[];
  startEventSources(): Promise<void>;
  idle(): Promise<void>;
  inspect(): Promise<{
    tables: { name: string; items: unknown[] }[];
    queues: { name: string; visible: number; inFlight: number }[];
    eventSources: { function: string; source: string; delivered: number; failed: number }[];
  }>;
  close(): Promise<void>;
}

/** How the data services are started; tests bring their own. */
export type StartBackend = (
  context: RunContext,
  options: { readonly roleOf: (functionArn: string) => Principal },
) => Promise<AwsBackend>;

/** How an app is run. */
export interface StartOptions {
  /** The cloud assembly, usually `cdk.out`. */
  readonly assembly: string;
  /** Port of the first API, further ones on the following; 0 for free ones. @default 3000 */
  readonly port?: number;
  /** Folder in which data lasts. @default - data is gone at the end */
  readonly dataDir?: string;
  /** `dynoxide`, `dynamodb-local` or a URL. @default - the first that is there */
  readonly dynamodb?: string;
  /** Milliseconds by which indexes, streams and search are behind. @default - none */
  readonly lag?: Partial<Lag>;
  /** Seed of a fault schedule. @default - no faults */
  readonly faultSeed?: number;
  /** Least time an AWS call takes, in milliseconds. @default 0 */
  readonly callLatencyMs?: number;
  /** Whether calls are checked against the synthesized roles. @default true */
  readonly iam?: boolean;
  /**
   * How many calls of every role are denied while the app is deployed: the permissions of a role just made are not
   * there at once in AWS, which what a custom resource runs has to live with.
   *
   * @default 0
   */
  readonly freshRoleDenials?: number;
  /**
   * Who answers a preflight of an HTTP API with CORS that a route of ANY or `$default` takes as well: that route, or
   * the gateway before it. AWS's documentation can be read either way.
   *
   * @default 'route'
   */
  readonly preflight?: Preflight;
  /** Most processes a function. @default 4 */
  readonly maxProcesses?: number;
  /** Prints a line for a person. @default - nothing is printed */
  readonly log?: (line: string) => void;
  /** Told of every answered request. */
  readonly onRequest?: (request: RequestRecord) => void;
  /** Told of every line a function writes. */
  readonly onFunctionLog?: (functionName: string, line: LogLine) => void;
  /** Gives up starting. @default - never */
  readonly signal?: AbortSignal;
  /** The data services. @default startAwsBackend */
  readonly startBackend?: StartBackend;
}

/** A request with the AWS calls it led to in the function that answered it. */
export interface AnsweredRequest extends RequestRecord {
  readonly calls: readonly AwsCall[];
}

/** An app that runs. */
export interface RunningApp {
  /** The APIs, and the outputs that are web addresses. */
  readonly urls: readonly { readonly name: string; readonly url: string }[];
  /** By stack name, then output key. */
  readonly outputs: Deployment['outputs'];
  readonly resources: readonly RunningResource[];
  /** What an SDK client needs to look into the services itself, with every right. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /** AWS calls since the start or the last `clearCalls()`, oldest first. */
  calls(): AwsCall[];
  clearCalls(): void;
  /** The last 1000 requests, oldest first. */
  requests(): AnsweredRequest[];
  /** What the functions wrote, or one of them: by name, logical id or construct path. */
  logs(functionReference?: string): (LogLine & { readonly functionName: string })[];
  /** Access log lines of the APIs. */
  accessLogs(): string[];
  /** Resolves when no request, invocation, stream record or message is under way. */
  idle(): Promise<void>;
  /** What the roles of the functions allow of DynamoDB, SQS and Secrets Manager and no call has used. */
  unusedActions(): UnusedAction[];
  /** Invokes a function by name, ARN, logical id or construct path. */
  invoke(functionReference: string, payload: unknown): Promise<InvocationResult>;
  /**
   * Physical id (`Ref`) of a resource by construct path or logical id; a path may leave out what leads to it
   * (`Api/Users/Table`) and the `Resource` at its end.
   *
   * @throws an Error when none or several match
   */
  physicalId(reference: string): string;
  close(): Promise<void>;
}

/** Makes text of everything a resolved value holds go through a function. */
function mapText(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return (value as unknown[]).map((item) => mapText(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapText(item, map)]));
}

/** Finds one resource by logical id or by the end of its construct path. */
function findResource(resources: readonly RunningResource[], reference: string): RunningResource {
  const wanted = reference.replace(/\/Resource$/, '');
  const matching = resources.filter(({ logicalId, stackName, path = '' }) => {
    const own = path.replace(/\/Resource$/, '');
    return (
      logicalId === wanted || `${stackName}/${logicalId}` === wanted || own === wanted || own.endsWith(`/${wanted}`)
    );
  });
  const [found] = matching;
  if (found === undefined) throw new Error(`no resource of the app is called ${reference}`);
  if (matching.length > 1) {
    throw new Error(`${reference} could be ${matching.map(({ path, logicalId }) => path ?? logicalId).join(' or ')}`);
  }
  return found;
}

/** Closes what was started, last first, each even when another fails. */
class Closers {
  private readonly list: (() => Promise<void> | void)[] = [];
  private closed = false;

  /** What comes up after the closing is closed at once. */
  public async add(closer: () => Promise<void> | void): Promise<void> {
    if (this.closed) {
      await closer();
      throw new Error('stopped while starting');
    }
    this.list.push(closer);
  }

  public async close(): Promise<void> {
    this.closed = true;
    let failure: unknown;
    for (const closer of this.list.splice(0).reverse()) {
      try {
        await closer();
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

/**
 * Runs the cloud assembly on this machine.
 *
 * @throws an Error that says in one line what is missing, taken or not supported; nothing is left running then
 */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const closers = new Closers();
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(new Error('stopped while starting')), { once: true });
    });
    const starting = start(options, closers);
    // Fails late where the abort came first: what it waits for is closed under it.
    starting.catch(() => undefined);
    return await Promise.race([starting, aborted]);
  } catch (error) {
    await closers.close();
    throw error;
  }
}

async function start(options: StartOptions, closers: Closers): Promise<RunningApp> {
  const log = options.log ?? ((): void => undefined);
  const assembly = readAssembly(options.assembly);
  const region = assembly.region ?? DEFAULT_REGION;
  const accountId = assembly.accountId ?? DEFAULT_ACCOUNT;
  const workDir = mkdtempSync(join(tmpdir(), 'cdk-social-backend-'));
  await closers.add(() => rmSync(workDir, { recursive: true, force: true }));

  const calls = new Ring<AwsCall>(KEPT_CALLS);
  const requests = new Ring<RequestRecord>(KEPT_REQUESTS);
  const record = (request: RequestRecord): void => {
    requests.push(request);
    options.onRequest?.(request);
  };
  const authorizer = new IamAuthorizer(region, options.iam ?? true, options.freshRoleDenials);
  const lambda = new LambdaService({
    region,
    workDir,
    maxProcesses: options.maxProcesses,
    echo: options.onFunctionLog,
  });
  const access = { accessKeyId: `LOCAL${randomUUID()}`, secretAccessKey: randomUUID() };
  const context: RunContext = {
    region,
    accountId,
    lag: { gsi: 0, stream: 0, search: 0, ...options.lag },
    faultSeed: options.faultSeed,
    callLatencyMs: options.callLatencyMs,
    dynamodb: options.dynamodb,
    dataDir: options.dataDir,
    workDir,
    log,
    invoker: lambda,
    authorizer,
    identify: (accessKeyId) =>
      accessKeyId === access.accessKeyId ? { principal: { name: 'runner' } } : lambda.identify(accessKeyId),
    record: (call) => calls.push(call),
  };
  const backend = await (options.startBackend ?? startAwsBackend)(context, { roleOf: (arn) => lambda.roleOf(arn) });
  await closers.add(async () => backend.close());
  const responses = new ResponseServer();
  await responses.start();
  await closers.add(async () => responses.close());
  lambda.configure(backend.endpoint, responses.port);
  // Together: event sources stop before the functions that they invoke are gone.
  await closers.add(async () => void (await Promise.all([backend.close(), lambda.close()])));

  const port = options.port ?? 3000;
  const gateway = new HttpApiProvider({ lambda, region, accountId, port, preflight: options.preflight, record, log });
  await closers.add(async () => gateway.close());
  const state = new CustomResourceState(options.dataDir);
  const deployment = await deploy(assembly, {
    signal: options.signal,
    region,
    accountId,
    rewrite: (value) => mapText(value, (text) => gateway.rewrite(text)),
    providers: [
      new IamProvider(authorizer, accountId),
      new LambdaProvider({ lambda, authorizer, region, accountId, workDir, assets: assembly.assets }),
      gateway,
      new CustomResourceProvider({ invoker: lambda, responses, state, region, accountId }),
      ...backend.providers,
    ],
  });
  authorizer.rolesAreSettled();
  announce(deployment, gateway, log);
  await backend.startEventSources();

  const answered = (): AnsweredRequest[] => {
    const byInvocation = new Map<string, AwsCall[]>();
    for (const call of calls.list()) {
      if (call.invocationId === undefined) continue;
      byInvocation.set(call.invocationId, [...(byInvocation.get(call.invocationId) ?? []), call]);
    }
    return requests
      .list()
      .map((request) => ({ ...request, calls: byInvocation.get(request.invocationId ?? '') ?? [] }));
  };
  const functionName = (reference: string): string =>
    lambda.has(reference) ? reference : findResource(functionsOf(deployment), reference).ref;
  const app: RunningApp = {
    urls: urlsOf(deployment, gateway),
    outputs: deployment.outputs,
    resources: deployment.resources,
    calls: () => calls.list(),
    clearCalls: () => calls.clear(),
    requests: answered,
    logs: (reference) => lambda.logs(reference === undefined ? undefined : functionName(reference)),
    accessLogs: () => gateway.apis.flatMap(({ api }) => api.accessLogs()),
    idle: async () => settle(backend, () => lambda.pending + gateway.pending),
    unusedActions: () => authorizer.unusedActions(),
    invoke: async (reference, payload) => lambda.invoke(functionName(reference), payload),
    aws: { endpoint: backend.endpoint, region, credentials: access },
    physicalId: (reference) => findResource(deployment.resources, reference).ref,
    close: async () => closers.close(),
  };
  await addInspector(app, backend, gateway, port, closers);
  return app;
}

function functionsOf(deployment: Deployment): RunningResource[] {
  return deployment.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
}

/** One line a service as it came up. */
function announce(deployment: Deployment, gateway: HttpApiProvider, log: (line: string) => void): void {
  const inert = deployment.resources.filter((resource) => resource.inert).map(({ type }) => type);
  const running = deployment.resources.filter((resource) => !resource.inert);
  const services = new Map<string, Map<string, number>>();
  for (const { type } of running) {
    const [, service = type, kind = type] = type.startsWith('Custom::')
      ? ['', 'CloudFormation', 'CustomResource']
      : type.split('::');
    const kinds = services.get(service) ?? new Map<string, number>();
    services.set(service, kinds.set(kind, (kinds.get(kind) ?? 0) + 1));
  }
  for (const [service, kinds] of services) {
    log(`${service.padEnd(16)} ${[...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ')}`);
  }
  if (inert.length > 0) log(`inert here: ${summarizeInert(inert)}`);
  for (const { api, url } of gateway.apis) log(`${api.name} listens on ${url}`);
}

function urlsOf(deployment: Deployment, gateway: HttpApiProvider): { name: string; url: string }[] {
  const apis = gateway.apis.flatMap(({ api, url }) =>
    api.stagePaths.map((path) => ({ name: api.name, url: `${url}${path}` })),
  );
  const outputs = Object.entries(deployment.outputs).flatMap(([stack, values]) =>
    Object.entries(values).flatMap(([key, value]) =>
      // What CDK exports from stack to stack is for no person.
      typeof value === 'string' && /^https?:\/\//.test(value) && !key.startsWith('ExportsOutput')
        ? [{ name: `${stack}.${key}`, url: value }]
        : [],
    ),
  );
  return [...apis, ...outputs];
}

/** Work may lead to more work: quiet is when the data services were idle and nothing began meanwhile. */
async function settle(backend: AwsBackend, pending: () => number): Promise<void> {
  for (;;) {
    while (pending() > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await backend.idle();
    if (pending() === 0) return;
  }
}

/** The page at `/_local`: on the first API, or on a server of its own where the app has none. */
async function addInspector(
  app: RunningApp,
  backend: AwsBackend,
  gateway: HttpApiProvider,
  port: number,
  closers: Closers,
): Promise<void> {
  const aside = createInspector(app, async () => backend.inspect());
  const [first] = gateway.apis;
  if (first !== undefined) {
    first.server.aside = aside;
    return;
  }
  const server = new GatewayServer(() => undefined);
  server.aside = aside;
  const bound = await server.listen(port);
  await closers.add(async () => server.close());
  (app.urls as { name: string; url: string }[]).push({ name: 'inspector', url: `http://localhost:${bound}/_local` });
}
