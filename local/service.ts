import { DataNames } from './assembly/names';
import { FaultSchedule } from './aws/faults';
import { AwsApi } from './aws/protocol';
import { HttpServers } from './http/server';
import { ItemBrowser } from './item-browser';
import { EventDestination, EventSource } from './mapping';
import { ObjectBucket, SourceTable } from './storage';
import { Authorizer, CallerIdentity, Functions, LogLine, RequestRecord, ResourceProvider } from './types';

/**
 * One AWS service on this machine: what is known of it before a run, and how it starts. Each is a folder, named once in
 * `services.ts`; nothing else of `local/` knows which services there are.
 */
export interface LocalService {
  /** As AWS writes it, for a person: `Secrets Manager`. */
  readonly name: string;
  /**
   * IAM prefixes of the calls that it answers: what roles allow of these and no call has used is reported.
   *
   * @default - it answers no calls
   */
  readonly iamPrefixes?: readonly string[];
  /**
   * Condition keys that policies may use. Those of its own calls must come with every call that has them in AWS:
   * `ForAllValues` holds where a key is absent. A policy with any other key is refused by name.
   *
   * @default - none
   */
  readonly conditionKeys?: readonly string[];
  /**
   * What it can delay: the name in `--lag NAME=MS`, and what is late, for the help text.
   *
   * @default - nothing
   */
  readonly lags?: Readonly<Record<string, string>>;
  /**
   * The choice of a real engine behind it.
   *
   * @default - there is no choice
   */
  readonly engine?: EngineChoice;
  /**
   * An address of its own that may be asked for, at which any credentials have every right.
   *
   * @default - it has none
   */
  readonly openAddress?: AddressChoice;
  /** Starts it. Throws an Error of one line for what is missing; nothing of it is left running then. */
  start(run: ServiceRun): RunningService | Promise<RunningService>;
}

/** An option of the command line by which the engine of a service is chosen. */
export interface EngineChoice {
  /** Name of the option, and of the entry in `engines` of `startApp`: `dynamodb`. */
  readonly option: string;
  /** For the help text: what may be given. */
  readonly help: string;
  /** @throws an Error saying what is allowed, when the text is nothing of it */
  check(text: string): void;
}

/** An option of the command line by which a service gets an address of its own. */
export interface AddressChoice {
  /** Name of the option, and of the entry in `ports` of `startApp`: `dynamodb-port`. */
  readonly option: string;
  /** For the help text. */
  readonly help: string;
  /** IAM prefix of the APIs that answer there. */
  readonly prefix: string;
}

/** What a service is given when it starts. */
export interface ServiceRun {
  readonly region: string;
  readonly accountId: string;
  /** Folder of this run, removed at the end. */
  readonly workDir: string;
  /** Folder that outlives the run; undefined when nothing is to be kept. */
  readonly dataDir?: string;
  /** The address of the AWS APIs: `http://127.0.0.1:PORT`. */
  readonly endpoint: string;
  readonly names: DataNames;
  /** File or folder of an asset by its S3 key. */
  readonly assets: ReadonlyMap<string, string>;
  readonly faults: FaultSchedule;
  /** The HTTP servers of the app's own addresses. */
  readonly servers: HttpServers;
  /** The engine asked for, of a service that gives the choice. */
  readonly engine?: string;
  /** Whether calls are checked against the roles. */
  readonly checkIam: boolean;
  /** Most processes a function; the service's own default when undefined. */
  readonly maxProcesses?: number;
  /** Every service of the run, itself included. */
  readonly services: readonly LocalService[];
  /** The other services as they run. What is not started yet is not found: ask when it is needed, not at the start. */
  readonly others: OtherServices;
  /** Opens a further address of the AWS APIs, for a resource with an endpoint of its own; calls to it have the prefix before their path. */
  listen(prefix: string): Promise<string>;
  /** Milliseconds of a lag that the service declares; 0 when none was asked for. */
  lagOf(name: string): number;
  /** Milliseconds since 1970, by which services reckon what expires; a test may move it. */
  now(): number;
  /** Prints one line for a person. */
  log(line: string): void;
  /** To be called for each request that an address of the service answered. */
  requestAnswered(request: RequestRecord): void;
  /** To be called for each line that a function wrote. */
  functionWrote(functionName: string, line: LogLine): void;
}

/** What services ask of each other, whichever of them has it. */
export interface OtherServices {
  /** Throws an Error when no service of the run runs functions. */
  readonly functions: Functions;
  /** Throws an Error when no service of the run keeps roles. */
  readonly authorizer: Authorizer;
  /** What reads from a stream or queue; undefined for an ARN of nothing in this app. */
  eventSource(arn: string): EventSource | undefined;
  /** Where records go that a function could not handle; undefined for an ARN of nothing in this app. */
  destination(arn: string): EventDestination | undefined;
  /** A table to be read whole and then followed; undefined for an ARN of nothing in this app. */
  sourceTable(arn: string): SourceTable | undefined;
  /** A bucket by its name; undefined where it is not of this app. */
  bucket(name: string): ObjectBucket | undefined;
  /** ARN of the domain at an address on this machine; undefined where there is none. */
  domainArn(url: string): string | undefined;
  /** The caller behind an access key id, function or person; undefined for a key of nobody. */
  identify(accessKeyId: string): CallerIdentity | undefined;
  /** Where an address in AWS is on this machine, for what fetches it here; any other is given back. */
  localAddress(url: string): string;
  /** How a page signs in users of the pool with this issuer; undefined where the pool is not of this app. */
  signIn(issuer: string): readonly SignInAddress[] | undefined;
  /** Variables that services add to every function's process. */
  functionEnvironment(): Readonly<Record<string, string>>;
}

/** Where users of a pool sign in, by one of its clients that have no secret and take SRP. */
export interface SignInAddress {
  readonly endpoint: string;
  readonly userPoolId: string;
  readonly clientId: string;
}

/** Names of functions whose work, and what is yet to be handed to them, a wait for the end of all work leaves out. */
export type Unawaited = ReadonlySet<string>;

/** A service that runs. Every part is left out where the service has none of it. */
export interface RunningService {
  /** Create its resource types; a type that a provider takes is never inert. */
  readonly providers?: readonly ResourceProvider[];
  /** Answer calls at the AWS endpoint, whatever the protocol. */
  readonly apis?: readonly AwsApi[];
  /** Lambda only: the functions of the app. */
  readonly functions?: Functions;
  /** IAM only: the roles of the app. */
  readonly authorizer?: Authorizer;
  /** Variables for every function's process. */
  readonly functionEnvironment?: Readonly<Record<string, string>>;
  /** Its tables, for the page on which a person looks through their items. */
  readonly items?: ItemBrowser;
  /** What stands behind its name at the start: which engine it uses. */
  readonly detail?: string;
  /** Addresses that it listens on, once the app is deployed. */
  addresses?(): readonly ServiceAddress[];
  /** What a client of the app has to know beside the addresses of the APIs, once the app is deployed. */
  facts?(): readonly ServiceFact[];
  /** Turns addresses of its resources in AWS, as templates build them, into those on this machine. */
  localizeAddresses?(text: string): string;
  /** Its stream or queue of this ARN, for event source mappings. */
  eventSource?(arn: string): EventSource | undefined;
  /** Its resource of this ARN, for records that a function could not handle. */
  destination?(arn: string): EventDestination | undefined;
  /** Its table of this ARN, for what reads it whole and then follows it. */
  sourceTable?(arn: string): SourceTable | undefined;
  /** Its bucket of this name. */
  bucket?(name: string): ObjectBucket | undefined;
  /** ARN of its domain at this address on this machine. */
  domainArn?(url: string): string | undefined;
  /** Where an address of it in AWS, which is left in templates and answers as it is, is on this machine. */
  localAddress?(url: string): string | undefined;
  /** How a page signs in users of its pool with this issuer. */
  signIn?(issuer: string): readonly SignInAddress[] | undefined;
  /** Who of it makes calls with an access key; undefined for a key of nobody. */
  identify?(accessKeyId: string): CallerIdentity | undefined;
  /** Called once when every resource is there, in the order of the list: begins what a deployment sets going. */
  deployed?(): Promise<void> | void;
  /** How many requests, invocations or jobs are under way now. */
  pending?(without: Unawaited): number;
  /** Resolves when what was written or begun before the call is done or has been handed on. */
  settle?(without: Unawaited): Promise<void>;
  /** A count that grows with each piece of work done: the app is idle when waiting made none of them grow. */
  completed?(without: Unawaited): number;
  /** What the page `/_local` shows of it. */
  inspect?(): Promise<readonly PageSection[]> | readonly PageSection[];
  /** Its access log lines, oldest first. */
  accessLogs?(): readonly string[];
  /** Takes no new work; called for all services before the first is closed. */
  stop?(): void;
  /** Ends what it started; in the reverse order of the list. */
  close?(): Promise<void>;
}

/** An address for a person. */
export interface ServiceAddress {
  readonly name: string;
  readonly url: string;
}

/** An address or an id for a person, by name: `Cognito`, `client App/Posts/Client`. */
export interface ServiceFact {
  readonly name: string;
  readonly value: string;
}

/** A part of the page `/_local`. */
export interface PageSection {
  /** Name of the entries in `/_local/api`: `queues`. */
  readonly key: string;
  readonly title: string;
  /** The columns of a table of the entries; without them each entry is a `name` with `items` below it. */
  readonly columns?: readonly { readonly key: string; readonly title: string; readonly number?: boolean }[];
  readonly entries: readonly Readonly<Record<string, unknown>>[];
}
