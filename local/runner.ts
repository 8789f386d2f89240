import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Assembly, deploy, Deployment, readAssembly, RunningResource, summarizeInert } from './assembly';
import { FaultRates } from './aws/faults';
import { createInspector, InspectorSources } from './inspector';
import { Ring } from './ring';
import { AnsweredRequest, RunningApp, SessionCredentials } from './running-app';
import { LocalService, ServiceAddress, ServiceFact } from './service';
import { ServiceHost } from './service-host';
import { SERVICES } from './services';
import { AwsCall, CallerIdentity, Lag, LogLine, RequestRecord } from './types';

/** AWS calls kept for tests and the page. */
const KEPT_CALLS = 50_000;

/** Requests kept for tests and the page. */
const KEPT_REQUESTS = 1000;

const DEFAULT_REGION = 'us-east-1';
const DEFAULT_ACCOUNT = '000000000000';

/** How an app is run. */
export interface StartOptions {
  /** The cloud assembly, usually `cdk.out`. */
  readonly assembly: string;
  /** Port of the first API, further ones on the following; 0 for free ones. @default 3000 */
  readonly port?: number;
  /** Ports of addresses of services alone, by name of the option: `{ 'dynamodb-port': 8000 }`. @default - none is opened */
  readonly ports?: Readonly<Record<string, number | undefined>>;
  /** Port on which the page of the tables is alone; 0 for a free one. @default - it is at `/_local/tables` only */
  readonly adminPort?: number;
  /** Folder in which data lasts. @default - data is gone at the end */
  readonly dataDir?: string;
  /** Engines of services that let one choose, by name of the option: `{ dynamodb: 'dynoxide' }`. @default - the first that is there */
  readonly engines?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds by which something is behind, by the names that the services declare. @default - none */
  readonly lag?: Lag;
  /** Seed of a fault schedule. @default - no faults */
  readonly faultSeed?: number;
  /** How often each fault comes, between 0 and 1, where that is not as usual. */
  readonly faultRates?: Partial<FaultRates>;
  /** Least time an AWS call takes, in milliseconds, asked when it is answered. @default 0 */
  readonly callLatencyMs?: () => number;
  /** Whether calls are checked against the synthesized roles. @default true */
  readonly iam?: boolean;
  /** Most processes a function. @default 4 */
  readonly maxProcesses?: number;
  /**
   * Milliseconds since 1970, by which gateways reckon: what authorizers and methods have cached, throttles and quotas.
   * Functions and the services behind them have the time of the machine.
   *
   * @default - the time of the machine
   */
  readonly clock?: () => number;
  /** Prints a line for a person. @default - nothing is printed */
  readonly log?: (line: string) => void;
  /** Told of every answered request. */
  readonly onRequest?: (request: RequestRecord) => void;
  /** Told of every line a function writes. */
  readonly onFunctionLog?: (functionName: string, line: LogLine) => void;
  /** Gives up starting. @default - never */
  readonly signal?: AbortSignal;
  /** The AWS services of this machine; `servicesWith` puts others in. @default SERVICES */
  readonly services?: readonly LocalService[];
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

/**
 * Runs the cloud assembly on this machine.
 *
 * @throws an Error that says in one line what is missing, taken or not supported; nothing is left running then
 */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const assembly = readAssembly(options.assembly);
  const workDir = mkdtempSync(join(tmpdir(), 'cdk-social-backend-'));
  const run = new AppRun(assembly, workDir, options);
  try {
    const aborted = new Promise<never>((_resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(new Error('stopped while starting')), { once: true });
    });
    const starting = run.start();
    // Fails late where the abort came first: what it waits for is closed under it.
    starting.catch(() => undefined);
    return await Promise.race([starting, aborted]);
  } catch (error) {
    await run.close();
    throw error;
  }
}

/** One run of an assembly, with what is remembered of it. */
class AppRun {
  private readonly region: string;
  private readonly accountId: string;
  private readonly calls = new Ring<AwsCall>(KEPT_CALLS);
  private readonly requests = new Ring<RequestRecord>(KEPT_REQUESTS);
  private readonly credentials = { accessKeyId: `LOCAL${randomUUID()}`, secretAccessKey: randomUUID() };
  private readonly sessions = new Map<string, CallerIdentity>();
  private readonly host: ServiceHost;

  public constructor(
    private readonly assembly: Assembly,
    private readonly workDir: string,
    private readonly options: StartOptions,
  ) {
    this.region = assembly.region ?? DEFAULT_REGION;
    this.accountId = assembly.accountId ?? DEFAULT_ACCOUNT;
    this.host = new ServiceHost({
      services: options.services ?? SERVICES,
      region: this.region,
      accountId: this.accountId,
      workDir,
      dataDir: options.dataDir,
      assets: assembly.assets,
      port: options.port ?? 3000,
      ports: options.ports,
      engines: options.engines,
      lag: options.lag,
      faultSeed: options.faultSeed,
      faultRates: options.faultRates,
      callLatencyMs: options.callLatencyMs,
      checkIam: options.iam,
      maxProcesses: options.maxProcesses,
      clock: options.clock,
      log: (line) => this.log(line),
      identify: (accessKeyId) => this.identify(accessKeyId),
      record: (call) => this.calls.push(call),
      requestAnswered: (request) => {
        this.requests.push(request);
        options.onRequest?.(request);
      },
      functionWrote: (name, line) => options.onFunctionLog?.(name, line),
    });
  }

  public async start(): Promise<RunningApp> {
    const { host, region, accountId } = this;
    await host.start();
    const deployment = await deploy(this.assembly, {
      signal: this.options.signal,
      region,
      accountId,
      rewrite: (value) => mapText(value, (text) => host.localizeAddresses(text)),
      providers: host.providers,
    });
    announce(deployment, host.addresses(), (line) => this.log(line));
    await host.deployed();
    const app = this.appOf(deployment);
    return this.withInspector(app);
  }

  public async close(): Promise<void> {
    try {
      await this.host.close();
    } finally {
      rmSync(this.workDir, { recursive: true, force: true });
    }
  }

  private log(line: string): void {
    this.options.log?.(line);
  }

  /** Who looks into the services from outside, with every right, or as a role. */
  private identify(accessKeyId: string): CallerIdentity | undefined {
    const { credentials } = this;
    if (accessKeyId === credentials.accessKeyId) return { principal: { name: 'runner' }, credentials };
    return this.sessions.get(accessKeyId);
  }

  /** As STS would give them to one whom the role trusts. */
  private credentialsOf(role: RunningResource): SessionCredentials {
    if (role.type !== 'AWS::IAM::Role') throw new Error(`${role.path ?? role.logicalId} is no role but ${role.type}`);
    const accessKeyId = `ASIA${randomUUID()}`;
    const credentials = { secretAccessKey: randomUUID(), sessionToken: randomUUID() };
    const principal = { name: 'session', roleArn: String(role.attributes.Arn) };
    this.sessions.set(accessKeyId, { principal, credentials });
    return { accessKeyId, ...credentials };
  }

  private appOf(deployment: Deployment): RunningApp {
    const { host, region, credentials, calls } = this;
    const functionName = (reference: string): string =>
      host.functions.has(reference) ? reference : findResource(functionsOf(deployment), reference).ref;
    return {
      urls: [...host.addresses(), ...outputAddresses(deployment)],
      facts: host.facts(),
      outputs: deployment.outputs,
      resources: deployment.resources,
      calls: () => calls.list(),
      clearCalls: () => calls.clear(),
      requests: () => withCalls(this.requests.list(), calls.list()),
      logs: (reference) => host.functions.logs(reference === undefined ? undefined : functionName(reference)),
      accessLogs: () => host.accessLogs(),
      idle: async ({ without = [] } = {}) => host.idle(new Set(without.map(functionName))),
      unusedActions: () => host.authorizer.unusedActions(),
      invoke: async (reference, payload) => host.functions.invoke(functionName(reference), payload),
      aws: { endpoint: host.endpoint, region, credentials },
      credentialsOf: (reference) => this.credentialsOf(findResource(deployment.resources, reference)),
      physicalId: (reference) => findResource(deployment.resources, reference).ref,
      close: async () => this.close(),
    };
  }

  /** The page at `/_local`: on the first address, or on one of its own where the app has none. */
  private async withInspector(app: RunningApp): Promise<RunningApp> {
    const { host } = this;
    const sources = { app, inspect: async () => host.inspect(), items: host.items };
    const inspector = createInspector(sources);
    host.servers.page = inspector;
    const facts = await this.openAdminPage(sources);
    const told = { ...app, facts: [...facts, ...app.facts] };
    if (host.servers.count > 0) return told;
    const port = await host.servers.open(inspector);
    return { ...told, urls: [...app.urls, { name: 'inspector', url: `http://localhost:${port}/_local` }] };
  }

  /** The page of the tables at an address of its own, where one was asked for. */
  private async openAdminPage(sources: InspectorSources): Promise<readonly ServiceFact[]> {
    const { adminPort } = this.options;
    if (adminPort === undefined) return [];
    const page = createInspector({ ...sources, home: 'tables' });
    const port = await this.host.servers.openBeside(page, adminPort, 'admin-port');
    return [{ name: 'tables', value: `http://localhost:${port}` }];
  }
}

/** The requests, each with the AWS calls of the invocation that answered it. */
function withCalls(requests: readonly RequestRecord[], calls: readonly AwsCall[]): AnsweredRequest[] {
  const byInvocation = new Map<string, AwsCall[]>();
  for (const call of calls) {
    if (call.invocationId === undefined) continue;
    byInvocation.set(call.invocationId, [...(byInvocation.get(call.invocationId) ?? []), call]);
  }
  return requests.map((request) => ({ ...request, calls: byInvocation.get(request.invocationId ?? '') ?? [] }));
}

function functionsOf(deployment: Deployment): RunningResource[] {
  return deployment.resources.filter(({ type }) => type === 'AWS::Lambda::Function');
}

/** One line a service as it came up. */
function announce(deployment: Deployment, addresses: readonly ServiceAddress[], log: (line: string) => void): void {
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
  for (const { name, url } of addresses) log(`${name} listens on ${url}`);
}

/** The outputs that are web addresses; what CDK exports from stack to stack is for no person. */
function outputAddresses(deployment: Deployment): ServiceAddress[] {
  return Object.entries(deployment.outputs).flatMap(([stack, values]) =>
    Object.entries(values).flatMap(([key, value]) =>
      typeof value === 'string' && /^https?:\/\//.test(value) && !key.startsWith('ExportsOutput')
        ? [{ name: `${stack}.${key}`, url: value }]
        : [],
    ),
  );
}
