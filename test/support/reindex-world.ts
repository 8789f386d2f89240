import type { DynamoDBRecord } from 'aws-lambda';
import { MemoryJobStore } from './job-store';
import { JobWorld, through, type Waiting } from './job-world';
import { SearchCluster } from './search-cluster';
import { ARTICLES, type Attributes, recordOf, textAt } from './search-records';
import { Targets } from '../../lambda/search-index-pipeline/indexer/targets';
import { indexRecords } from '../../lambda/search-index-pipeline/indexer/use-case';
import type { JobMessage } from '../../lambda/search-index-pipeline/jobs/messages';
import type { Found, Page, SourceTable, WorkPorts } from '../../lambda/search-index-pipeline/jobs/ports';
import { handleMessage } from '../../lambda/search-index-pipeline/jobs/work';
import { documentOf, type DocumentSource, idOf, isDocument } from '../../lambda/search-index-pipeline/source';

export const ALIAS = 'articles';

const WORK_MS = 120_000;
const LANES = 3;
const SEGMENTS = 3;

const numberOf = (id: string) => Number(/\d+/.exec(id)?.[0]);

/**
 * A table and its stream, the functions that write an index, and what goes wrong: the shipped rules run on it. Others
 * come in between any two of their calls, as the seed has it.
 */
export class ReindexWorld extends JobWorld<JobMessage> {
  public readonly cluster = new SearchCluster();
  public readonly jobs = new MemoryJobStore();
  public readonly items = new Map<string, Attributes>();
  public buried = 0;
  private made = 0;
  private version = 0;
  /** Records of each lane in order, and how far it was read. */
  private readonly lanes = Array.from({ length: LANES }, () => ({
    records: [] as DynamoDBRecord[],
    read: 0,
    busy: false,
  }));
  private readonly indexers: Targets[];

  public constructor(seed: number) {
    super(seed);
    this.indexers = Array.from(
      { length: 2 },
      () =>
        new Targets(
          () => this.call(() => this.cluster.targets(ALIAS)),
          () => this.now,
        ),
    );
    this.cluster.onLead = (index) => this.checkReaders(index);
  }

  /** What an index whose documents are made so must hold. */
  public documents(source: DocumentSource): Record<string, unknown> {
    const all = [...this.items.values()]
      .filter((item) => isDocument(item, source) && item.articleId.S !== undefined)
      .map((item): [string, unknown] => [idOf(item, source), documentOf(item, source)]);
    return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Somebody writes an item, or removes one; some are no documents, and some cannot be any. */
  public write(): void {
    const ids = [...this.items.keys()];
    const draw = this.random();
    const id = ids.length === 0 || draw < 0.25 ? `item-${++this.made}` : ids[this.below(ids.length)];
    const back = draw > 0.95 ? `item-${1 + this.below(Math.max(1, this.made))}` : id;
    const old = this.items.get(back);
    const now = draw >= 0.6 && draw < 0.85 && old ? undefined : this.itemOf(back);
    if (now) this.items.set(back, now);
    else this.items.delete(back);
    if (!old && !now) return;
    const lane = this.lanes[numberOf(back) % LANES];
    lane.records.push(recordOf(++this.sequence, old, now));
  }

  /** Items that were there before the stream was read. */
  public fill(count: number): void {
    for (let n = 0; n < count; n++) {
      const id = `item-${++this.made}`;
      this.items.set(id, this.itemOf(id));
    }
  }

  private itemOf(id: string): Attributes {
    const kind: Attributes = ++this.version % 11 === 0 ? { entityType: { S: 'Comment' } } : {};
    const bad: Attributes = numberOf(id) % 13 === 0 ? { articleId: { NULL: true } } : {};
    return textAt(id, this.version, { ...kind, ...bad, PK: { S: `ARTICLE#${id}` } });
  }

  /** Something else happens: a write, a batch of the stream, a node that starts again, time. */
  public async other(): Promise<void> {
    const draw = this.random();
    this.now += this.below(2_000);
    if (draw < 0.45) {
      this.write();
    } else if (draw < 0.9) {
      await this.readStream();
    } else if (draw < 0.95) {
      this.cluster.restart();
    } else {
      // A reader of the stream begins again where it was, and brings all that came after.
      const lane = this.lanes[this.below(LANES)];
      if (!lane.busy) lane.read = Math.max(0, lane.read - this.below(6));
    }
  }

  /** One batch of one lane: what fails is read again, before anything after it. */
  public async readStream(): Promise<void> {
    const lane = this.lanes[this.below(LANES)];
    if (lane.busy || lane.read >= lane.records.length) return;
    lane.busy = true;
    const batch = lane.records.slice(lane.read, lane.read + 1 + this.below(5));
    const targets = this.indexers[this.below(this.indexers.length)];
    const failed = await indexRecords(batch, {
      targets: (afresh) => targets.get(afresh),
      bulk: (index, body) => this.bulk(index, body),
      bury: async () => {
        this.buried++;
        return [];
      },
      rejected: async () => undefined,
      delayed: async () => undefined,
    });
    const at = batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed);
    lane.read += at < 0 ? batch.length : at;
    lane.busy = false;
  }

  public get streamIsRead(): boolean {
    return this.lanes.every(({ read, records }) => read >= records.length);
  }

  protected async attempt({ id, message }: Waiting<JobMessage>): Promise<boolean> {
    const { alive, stopped } = this.life();
    let pages = 0;
    const table: SourceTable = {
      facts: () => alive(async () => ({ segments: SEGMENTS, keys: ['PK', 'SK'], items: this.items.size })),
      scan: (part) =>
        alive(async () => {
          pages++;
          return this.scan(part.segment, part.position);
        }),
      read: (keys) => alive(async () => keys.flatMap((key) => this.found(this.byKey(key)))),
    };
    const ports: WorkPorts = {
      jobs: through(this.jobs, alive),
      indexes: through(this.cluster, alive, {
        bulk: (index: string, body: string) => alive(() => this.bulk(index, body)),
      }),
      table,
      send: (messages, delay) => alive(() => this.send(messages, delay)),
      now: () => this.now,
      endsAt: this.now + WORK_MS,
      messageId: id,
      attemptId: `a${++this.sequence}`,
      bury: () => alive(async () => void this.buried++),
      pause: () => alive(async () => undefined),
      timeIsShort: () => pages >= 2,
      tell: async () => undefined,
    };
    const worked = handleMessage(ports, message).then(
      () => true,
      () => false,
    );
    return Promise.race([worked, stopped]);
  }

  private byKey(key: string): Attributes | undefined {
    const { PK } = JSON.parse(key) as { PK: { S: string } };
    return this.items.get(PK.S.slice('ARTICLE#'.length));
  }

  private found(item: Attributes | undefined): Found[] {
    return item ? [{ key: JSON.stringify({ PK: item.PK, SK: item.SK }), image: item }] : [];
  }

  private scan(segment: number, position: string | undefined): Page {
    const all = [...this.items.keys()].filter((id) => numberOf(id) % SEGMENTS === segment).sort();
    const rest = all.filter((id) => position === undefined || id > position);
    const page = rest.slice(0, 3);
    return {
      found: page.flatMap((id) => this.found(this.items.get(id))),
      scanned: page.length,
      next: rest.length > page.length ? page[page.length - 1] : undefined,
    };
  }

  private bulk(index: string, body: string) {
    const fault = () => (!this.calm && this.random() < 0.05 ? [429, 503][this.below(2)] : undefined);
    return this.call(() => this.cluster.bulk(index, body, fault));
  }

  /** Whoever searches at this moment finds all but what has not come yet. */
  private checkReaders(index: string): void {
    const { body, documents } = this.cluster.of(index);
    const { documentSource: source } = body.mappings._meta as { documentSource: DocumentSource };
    const there = documents.documents();
    const wanted = this.documents(source);
    const coming = new Set(
      this.lanes.flatMap(({ records, read }) =>
        records.slice(read).map(({ dynamodb }) => dynamodb?.Keys?.PK.S?.slice('ARTICLE#'.length)),
      ),
    );
    const ids = new Set([...Object.keys(there), ...Object.keys(wanted)]);
    const wrong = [...ids].filter((id) => !coming.has(id) && JSON.stringify(there[id]) !== JSON.stringify(wanted[id]));
    if (wrong.length > 0) throw new Error(`Seed ${this.seed}: readers get ${index}, which is wrong in ${wrong.join()}`);
  }
}

/** What documents are made of at first, and after a change of it. */
export const SOURCES: readonly [DocumentSource, DocumentSource] = [
  ARTICLES,
  { ...ARTICLES, fields: [...ARTICLES.fields, 'SK'] },
];
