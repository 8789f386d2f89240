import { DataNames } from './assembly/names';
import { AwsEndpoint } from './aws/endpoint';
import { FaultRates, FaultSchedule } from './aws/faults';
import { HttpServers } from './http/server';
import { ItemBrowser } from './item-browser';
import { EventDestination, EventSource } from './mapping';
import {
  LocalService,
  OtherServices,
  PageSection,
  RunningService,
  ServiceAddress,
  ServiceFact,
  ServiceRun,
  SignInAddress,
  Unawaited,
} from './service';
import { ObjectBucket, SourceTable } from './storage';
import { Authorizer, AwsCall, CallerIdentity, Functions, Lag, LogLine, RequestRecord, ResourceProvider } from './types';

/** How often a wait for the end of all work looks again. */
const IDLE_POLL_MS = 5;

/** What a host is made with. */
export interface HostOptions {
  readonly services: readonly LocalService[];
  readonly region: string;
  readonly accountId: string;
  readonly workDir: string;
  readonly dataDir?: string;
  readonly assets?: ReadonlyMap<string, string>;
  /** Port of the first address; 0 for free ones. */
  readonly port: number;
  /** Ports of the services' own addresses, by option name. */
  readonly ports?: Readonly<Record<string, number | undefined>>;
  /** By option name of the service. */
  readonly engines?: Readonly<Record<string, string | undefined>>;
  readonly lag?: Lag;
  readonly faultSeed?: number;
  readonly faultRates?: Partial<FaultRates>;
  readonly callLatencyMs?: () => number;
  readonly checkIam?: boolean;
  readonly maxProcesses?: number;
  /** Milliseconds since 1970, for what services reckon by. */
  readonly clock?: () => number;
  log(line: string): void;
  /** The caller behind an access key that belongs to no function; undefined for an unknown key. */
  identify(accessKeyId: string): CallerIdentity | undefined;
  /** Called once for every AWS call. */
  record(call: AwsCall): void;
  requestAnswered?(request: RequestRecord): void;
  functionWrote?(functionName: string, line: LogLine): void;
}

/** Goes on where the clock of the machine is set. */
const machineTime = (): number => performance.timeOrigin + performance.now();

interface StartedService {
  readonly definition: LocalService;
  readonly service: RunningService;
}

/** Starts services behind one AWS endpoint, and lets them find each other. It knows none of them by name. */
export class ServiceHost implements OtherServices {
  public readonly faults: FaultSchedule;
  public readonly servers: HttpServers;
  private readonly awsEndpoint: AwsEndpoint;
  private readonly started: StartedService[] = [];
  private readonly openFacts: ServiceFact[] = [];
  private address = '';
  private closed = false;

  public constructor(private readonly options: HostOptions) {
    checkLag(options);
    this.faults = new FaultSchedule(options.faultSeed, options.faultRates, (line) => options.log(line));
    this.servers = new HttpServers(options.port);
    this.awsEndpoint = new AwsEndpoint({
      apis: () => this.running.flatMap(({ apis = [] }) => apis),
      authorizer: () => this.authorizer,
      faults: this.faults,
      callLatencyMs: options.callLatencyMs,
      identify: (key) => this.identify(key),
      record: (call) => options.record(call),
      log: (line) => options.log(line),
    });
  }

  /** Starts every service. What was started before a failure is closed by `close`. */
  public async start(): Promise<void> {
    this.address = await this.awsEndpoint.listen();
    const names = new DataNames(this.options.dataDir);
    for (const definition of this.options.services) {
      const service = await definition.start(this.runOf(definition, names));
      this.started.push({ definition, service });
      if (this.closed) {
        await this.closeServices();
        throw new Error('stopped while starting');
      }
    }
    await this.openAddresses();
    this.options.log(`${this.describeApis()} at ${this.endpoint}`);
  }

  /** The services' own addresses, where they were asked for. */
  private async openAddresses(): Promise<void> {
    for (const { name, openAddress } of this.options.services) {
      const port = openAddress === undefined ? undefined : this.options.ports?.[openAddress.option];
      if (openAddress === undefined || port === undefined) continue;
      const { option, prefix } = openAddress;
      const url = await this.awsEndpoint.listen({ port, option, openTo: prefix });
      this.openFacts.push({ name, value: url.replace('127.0.0.1', 'localhost') });
    }
  }

  /** The address of the AWS APIs: `http://127.0.0.1:PORT`. */
  public get endpoint(): string {
    return this.address;
  }

  public get running(): readonly RunningService[] {
    return this.started.map(({ service }) => service);
  }

  public get providers(): readonly ResourceProvider[] {
    return this.running.flatMap(({ providers = [] }) => providers);
  }

  public get functions(): Functions {
    return this.only('functions', 'runs functions');
  }

  public get authorizer(): Authorizer {
    return this.only('authorizer', 'keeps roles');
  }

  public eventSource(arn: string): EventSource | undefined {
    return this.first((service) => service.eventSource?.(arn));
  }

  public destination(arn: string): EventDestination | undefined {
    return this.first((service) => service.destination?.(arn));
  }

  public sourceTable(arn: string): SourceTable | undefined {
    return this.first((service) => service.sourceTable?.(arn));
  }

  public bucket(name: string): ObjectBucket | undefined {
    return this.first((service) => service.bucket?.(name));
  }

  public domainArn(url: string): string | undefined {
    return this.first((service) => service.domainArn?.(url));
  }

  public identify(accessKeyId: string): CallerIdentity | undefined {
    return (
      this.options.identify(accessKeyId) ??
      this.functions.identify(accessKeyId) ??
      this.first((service) => service.identify?.(accessKeyId))
    );
  }

  public localAddress(url: string): string {
    return this.first((service) => service.localAddress?.(url)) ?? url;
  }

  public signIn(issuer: string): readonly SignInAddress[] | undefined {
    return this.first((service) => service.signIn?.(issuer));
  }

  public functionEnvironment(): Readonly<Record<string, string>> {
    return Object.assign({}, ...this.running.map(({ functionEnvironment }) => functionEnvironment ?? {})) as Readonly<
      Record<string, string>
    >;
  }

  public addresses(): readonly ServiceAddress[] {
    return this.running.flatMap((service) => service.addresses?.() ?? []);
  }

  public facts(): readonly ServiceFact[] {
    return [...this.openFacts, ...this.running.flatMap((service) => service.facts?.() ?? [])];
  }

  public localizeAddresses(text: string): string {
    return this.running.reduce((result, service) => service.localizeAddresses?.(result) ?? result, text);
  }

  public accessLogs(): string[] {
    return this.running.flatMap((service) => service.accessLogs?.() ?? []);
  }

  /** Begins what a deployment sets going. Throws when a role lacks what that needs. */
  public async deployed(): Promise<void> {
    for (const service of this.running) await service.deployed?.();
  }

  /** The tables of the run; undefined where no service has any. */
  public get items(): ItemBrowser | undefined {
    return this.first((service) => service.items);
  }

  public async inspect(): Promise<readonly PageSection[]> {
    const sections = await Promise.all(this.running.map(async (service) => (await service.inspect?.()) ?? []));
    return sections.flat();
  }

  /** Work may lead to more work: all is quiet when nothing is under way and a whole round of waiting found nothing new. */
  public async idle(without: Unawaited = new Set()): Promise<void> {
    for (;;) {
      while (this.pending(without) > 0) await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
      const before = this.completed(without);
      for (const service of this.running) await service.settle?.(without);
      if (this.completed(without) === before && this.pending(without) === 0) return;
    }
  }

  /** Ends everything, each service even when another fails. */
  public async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    for (const service of this.running) service.stop?.();
    await this.servers.close();
    await this.closeServices();
    if (this.address !== '') await this.awsEndpoint.close();
  }

  private async closeServices(): Promise<void> {
    let failure: unknown;
    for (const { service } of this.started.splice(0).reverse()) {
      try {
        await service.close?.();
      } catch (error) {
        failure = error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  private pending(without: Unawaited): number {
    return this.running.reduce((sum, service) => sum + (service.pending?.(without) ?? 0), this.servers.pending);
  }

  private completed(without: Unawaited): number {
    return this.running.reduce((sum, service) => sum + (service.completed?.(without) ?? 0), 0);
  }

  private first<T>(ask: (service: RunningService) => T | undefined): T | undefined {
    for (const service of this.running) {
      const found = ask(service);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  private only<Part extends 'functions' | 'authorizer'>(part: Part, what: string): NonNullable<RunningService[Part]> {
    const found = this.first((service) => service[part]);
    if (found === undefined) throw new Error(`no service of this run ${what}`);
    return found;
  }

  private runOf(definition: LocalService, names: DataNames): ServiceRun {
    const { engine, lags = {} } = definition;
    const { region, accountId, workDir, dataDir, assets = new Map<string, string>(), maxProcesses } = this.options;
    return {
      ...{ region, accountId, workDir, dataDir, assets, maxProcesses, names },
      endpoint: this.endpoint,
      faults: this.faults,
      servers: this.servers,
      engine: engine === undefined ? undefined : this.options.engines?.[engine.option],
      checkIam: this.options.checkIam ?? true,
      services: this.options.services,
      others: this,
      listen: async (prefix) => this.awsEndpoint.listen({ prefix }),
      lagOf: (name) => {
        if (!(name in lags)) throw new Error(`${definition.name} does not declare the lag ${name}`);
        return this.options.lag?.[name] ?? 0;
      },
      now: this.options.clock ?? machineTime,
      log: (line) => this.options.log(line),
      requestAnswered: (request) => this.options.requestAnswered?.(request),
      functionWrote: (name, line) => this.options.functionWrote?.(name, line),
    };
  }

  /** `DynamoDB (dynoxide), SQS and Secrets Manager`. */
  private describeApis(): string {
    const names = this.started
      .filter(({ service }) => (service.apis ?? []).length > 0)
      .map(({ definition: { name }, service: { detail } }) => (detail === undefined ? name : `${name} (${detail})`));
    return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' and ');
  }
}

/** The lags that services can be told to have, with what is late. */
export function knownLags(services: readonly LocalService[]): Readonly<Record<string, string>> {
  return Object.assign({}, ...services.map(({ lags }) => lags ?? {})) as Readonly<Record<string, string>>;
}

function checkLag({ services, lag = {} }: HostOptions): void {
  const known = Object.keys(knownLags(services));
  const unknown = Object.keys(lag).filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`lag knows ${known.join(', ')}, got ${unknown.join(', ')}`);
}
