import { join } from 'node:path';
import { OpenSearchApi } from './api';
import { Answer, DomainProvider, DomainSettings } from './domain-provider';
import { Domains } from './domains';
import { Embedded } from './embedded';
import { SearchError } from './errors';
import { Forward } from './forward';
import { sections } from './inspect';
import { Security } from './security';
import { AwsApi } from '../aws/protocol';
import { PageSection, RunningService, ServiceRun } from '../service';
import { ResourceProvider } from '../types';

/** The domains of the run, each embedded, or one real OpenSearch. */
export class RunningOpenSearch implements RunningService {
  public static async start(run: ServiceRun): Promise<RunningOpenSearch> {
    const { engine = 'embedded' } = run;
    if (engine === 'embedded') return new RunningOpenSearch(run, undefined);
    if (run.lagOf('search') > 0) throw new Error('--lag search is of the embedded OpenSearch, not of one at a URL');
    const forward = new Forward(engine);
    await forward.check();
    return new RunningOpenSearch(run, forward);
  }

  public readonly apis: readonly AwsApi[];
  public readonly providers: readonly ResourceProvider[];
  private readonly domains = new Domains();
  private readonly embedded = new Map<string, Embedded>();

  private constructor(
    private readonly run: ServiceRun,
    private readonly forward: Forward | undefined,
  ) {
    this.apis = [new OpenSearchApi(this.domains)];
    this.providers = [new DomainProvider(run, this.domains, (settings) => this.open(settings))];
  }

  /** Which engine runs. */
  public get detail(): string {
    return this.forward === undefined ? 'embedded' : 'url';
  }

  public localizeAddresses(text: string): string {
    return this.domains.localizeAddresses(text);
  }

  public domainArn(url: string): string | undefined {
    return this.domains.all().find((domain) => domain.url === url)?.arn;
  }

  public pending(): number {
    return [...this.embedded.values()].reduce((sum, { pending }) => sum + pending, 0);
  }

  public completed(): number {
    return [...this.embedded.values()].reduce((sum, { completed }) => sum + completed, 0);
  }

  /** Resolves when searches see what was written so far. */
  public async settle(): Promise<void> {
    await Promise.all([...this.embedded.values()].map(async (engine) => engine.settle()));
  }

  public inspect(): readonly PageSection[] {
    return sections([...this.embedded]);
  }

  public stop(): void {
    for (const engine of this.embedded.values()) engine.close();
  }

  private open(settings: DomainSettings): Answer {
    const { name, masterArn } = settings;
    if (this.forward !== undefined && this.domains.all().length > 0) {
      throw new Error(`domain ${name}: --search with a URL is of one domain, and this app has several`);
    }
    const engine = this.forward ?? this.openEmbedded(settings);
    if (masterArn === undefined) return async (request) => engine.answer(request);
    const file = this.fileOf(`${name}-security.json`);
    const security = new Security(masterArn, file, (index) => this.namesOf(name, index));
    return async (request, roleArn) => {
      try {
        return security.answer(request, roleArn) ?? (await engine.answer(request));
      } catch (error) {
        if (error instanceof SearchError) return { status: error.status, body: error.body() };
        throw error;
      }
    };
  }

  private openEmbedded({ name, version }: DomainSettings): Embedded {
    const { accountId } = this.run;
    const info = { clusterName: `${accountId}:${name}`, version: `${version}.0` };
    const engine = new Embedded(info, this.run.lagOf('search'), this.fileOf(`${name}.ndjson`));
    this.embedded.set(name, engine);
    return engine;
  }

  private fileOf(name: string): string | undefined {
    return this.run.dataDir === undefined ? undefined : join(this.run.dataDir, 'opensearch', name);
  }

  /** The indexes of a name, each with its aliases; of a real OpenSearch the name alone is known. */
  private namesOf(domain: string, index: string): readonly (readonly string[])[] {
    const cluster = this.embedded.get(domain)?.cluster;
    try {
      const found = cluster?.resolve(index) ?? [];
      if (found.length > 0) return found.map(({ name }) => [name, ...Object.keys(cluster?.aliasesOf(name) ?? {})]);
    } catch {
      // What is not there has its name alone.
    }
    return [[index]];
  }
}
