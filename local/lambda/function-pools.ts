import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Unawaited } from '../service';
import { textFile } from '../text-file';
import { CallerIdentity, FunctionPermission, Functions, InvocationResult, LogLine, Principal } from '../types';
import { codeCacheDirectory } from './code-cache-directory';
import { FunctionConfiguration, ProcessSettings } from './configuration';
import { FunctionPool } from './function-pool';
import { functionNameOf } from './reference';

/** How the functions of a run are run. */
export interface LambdaOptions {
  readonly region: string;
  readonly workDir: string;
  /** Most processes a function; 4 by default. */
  readonly maxProcesses?: number;
  /** Most processes of all functions while some are idle; 40 by default. */
  readonly maxTotalProcesses?: number;
  /** An idle process is ended after this time; 10 min by default, about as long as Lambda keeps one. */
  readonly idleMs?: number;
  /** In it is the folder of compiled code, which outlives the run; that of temporary files by default. */
  readonly codeCacheRoot?: string;
  /** Whether a process ends with the invocation that it has answered; asked after each. @default - none does */
  readonly endsNow?: (functionName: string) => boolean;
  /** Prints what a function writes. */
  readonly echo?: (functionName: string, line: LogLine) => void;
}

/** The functions of the app and the processes that run them. */
export class FunctionPools implements Functions {
  public readonly permissions: FunctionPermission[] = [];
  private readonly pools = new Map<string, FunctionPool>();
  /** `name:version` and `name:alias`. All of them are the code there is. */
  private readonly qualified = new Set<string>();
  private readonly sweeper: NodeJS.Timeout;
  private settings?: ProcessSettings;
  private readonly idleMs: number;

  public constructor(private readonly options: LambdaOptions) {
    this.idleMs = options.idleMs ?? 600_000;
    this.sweeper = setInterval(() => this.evictIdle(), Math.min(5000, this.idleMs));
    this.sweeper.unref();
  }

  /** Says where AWS is, and what services add to the environment; before the first function is added. */
  public configure(awsEndpoint: string, serviceEnvironment: () => Readonly<Record<string, string>> = () => ({})): void {
    const bootstrapFile = join(this.options.workDir, 'bootstrap.cjs');
    const homeDirectory = join(this.options.workDir, 'home');
    const temporaryDirectory = join(this.options.workDir, 'tmp');
    for (const directory of [homeDirectory, temporaryDirectory]) mkdirSync(directory, { recursive: true });
    writeFileSync(bootstrapFile, textFile('lambda/bootstrap.js'));
    writeFileSync(join(this.options.workDir, 'code-cache.cjs'), textFile('lambda/code-cache.cjs'));
    this.settings = {
      region: this.options.region,
      awsEndpoint,
      serviceEnvironment,
      bootstrapFile,
      codeCacheDirectory: codeCacheDirectory(this.options.codeCacheRoot ?? tmpdir()),
      homeDirectory,
      temporaryDirectory,
    };
  }

  public add(configuration: FunctionConfiguration): void {
    if (this.settings === undefined) throw new Error('configure() comes before add()');
    if (this.pools.has(configuration.name)) throw new Error(`two functions are called ${configuration.name}`);
    this.pools.set(
      configuration.name,
      new FunctionPool(configuration, {
        settings: this.settings,
        maxProcesses: this.options.maxProcesses ?? 4,
        idleMs: this.idleMs,
        starting: () => this.makeRoom(),
        endsNow: (name) => this.options.endsNow?.(name) === true,
        echo: (name, line) => this.options.echo?.(name, line),
      }),
    );
  }

  /** @throws an Error naming a function that is not part of the app */
  public async invoke(reference: string, payload: unknown): Promise<InvocationResult> {
    return this.pool(reference).invoke(payload);
  }

  public configuration(reference: string): FunctionConfiguration {
    return this.pool(reference).configuration;
  }

  public has(reference: string): boolean {
    return this.pools.has(functionNameOf(reference));
  }

  /** Makes a version or an alias of a function known. */
  public addQualifier(reference: string, qualifier: string): void {
    this.qualified.add(`${this.configuration(reference).name}:${qualifier}`);
  }

  /** Whether there is such a version or alias of a function. */
  public hasQualifier(name: string, qualifier: string): boolean {
    return this.has(name) && (qualifier === '$LATEST' || this.qualified.has(`${name}:${qualifier}`));
  }

  /** As whom a function calls AWS. */
  public roleOf(reference: string): Principal {
    const { name, roleArn } = this.configuration(reference);
    return { name, roleArn };
  }

  public identify(accessKeyId: string): CallerIdentity | undefined {
    for (const pool of this.pools.values()) {
      const process = pool.find(accessKeyId);
      const { name, roleArn } = pool.configuration;
      if (process === undefined) continue;
      const { credentials, invocationId } = process;
      return { principal: { name, roleArn }, credentials, invocationId };
    }
    return undefined;
  }

  /** Lines of one function, or of all, oldest first. */
  public logs(reference?: string): (LogLine & { readonly functionName: string })[] {
    const pools = reference === undefined ? [...this.pools.values()] : [this.pool(reference)];
    return pools
      .flatMap((pool) => pool.logs().map((line) => ({ ...line, functionName: pool.configuration.name })))
      .sort((a, b) => a.time - b.time);
  }

  /** Invocations under way or waiting, but for those of some functions. */
  public pending(without: Unawaited): number {
    const pools = [...this.pools].filter(([name]) => !without.has(name));
    return pools.reduce((sum, [, pool]) => sum + pool.pending, 0);
  }

  public async close(): Promise<void> {
    clearInterval(this.sweeper);
    await Promise.all([...this.pools.values()].map(async (pool) => pool.close()));
  }

  private pool(reference: string): FunctionPool {
    const pool = this.pools.get(functionNameOf(reference));
    if (pool === undefined) throw new Error(`function ${reference} is not part of this app`);
    return pool;
  }

  private evictIdle(): void {
    const now = Date.now();
    for (const pool of this.pools.values()) pool.evictIdle(now);
  }

  /** Many functions times many processes would fill a small machine: the longest idle one goes first. */
  private makeRoom(): void {
    const pools = [...this.pools.values()];
    const total = pools.reduce((sum, pool) => sum + pool.processCount, 0);
    if (total < (this.options.maxTotalProcesses ?? 40)) return;
    const idle = pools
      .map((pool) => ({ pool, process: pool.oldestIdle() }))
      .sort((a, b) => (a.process?.lastUsed ?? Infinity) - (b.process?.lastUsed ?? Infinity))[0];
    if (idle?.process !== undefined) idle.pool.evict(idle.process);
  }
}
