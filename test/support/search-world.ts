import type { TestTables } from './engine';
import { profileOf, slugOf } from './samples';
import { lowestIdAt } from '../../lambda/core/ids';
import type { ListPorts } from '../../lambda/realworld-api/domain/lists';
import type { FullArticle, Profile, SlugRecord } from '../../lambda/realworld-api/domain/model';
import {
  listArticlesByIndex,
  searchArticles,
  type SearchPorts,
  usedTags,
} from '../../lambda/realworld-api/domain/search';
import { ArticleRepository } from '../../lambda/realworld-api/repository/articles';
import { ListRepository } from '../../lambda/realworld-api/repository/lists';
import { RecentRepository } from '../../lambda/realworld-api/repository/recent';
import { SearchRepository } from '../../lambda/realworld-api/repository/search';
import { SessionRepository } from '../../lambda/realworld-api/repository/sessions';
import { ARTICLE_TEXT } from '../../lambda/social-table/entities';
import { articleTextKey, profileKey, timelineKey } from '../../lambda/social-table/keys';
import { ARTICLE_DOCUMENTS, ARTICLE_INDEX } from '../../src/search-index-pipeline/search-source';
import { call, type SearchService, succeed, uniqueName } from '../opensearch/service';

const START = Date.UTC(2026, 0, 1);

/** How far the index, and the clean-up before it, are behind at most, in ms. */
export const WINDOWS = { written: 100_000, deleted: 200_000 };

export const PEOPLE: readonly Profile[] = [1, 2, 3].map((number) => profileOf(number));

interface Change {
  /** When the index learns of it. */
  readonly at: number;
  apply(): Promise<unknown>;
}

/** What a test writes of an article. */
export type Given = Partial<Pick<FullArticle, 'title' | 'description' | 'body' | 'tagList' | 'authorId'>>;

/** Articles in tables and in an index that is behind, on a clock of its own. */
export class SearchWorld {
  public static async start(tables: TestTables, service: SearchService): Promise<SearchWorld> {
    const index = uniqueName('articles');
    await succeed(service, 'PUT', index, {
      ...ARTICLE_INDEX,
      settings: { number_of_shards: 1, number_of_replicas: 0 },
    });
    await tables.put(
      tables.social,
      PEOPLE.map((person) => ({ ...profileKey(person.userId), ...person })),
    );
    return new SearchWorld({ ...tables, tellsUpdates: true }, service, index);
  }

  public now = START;
  /** Articles as they are, by id. */
  public readonly articles = new Map<string, FullArticle>();
  /** Calls that were made to the index. */
  public asked = 0;
  /** Whether the index answers. */
  public isUp = true;
  public fallbacks = 0;
  private readonly records = new Map<string, SlugRecord>();
  private changes: Change[] = [];
  private made = 0;

  private constructor(
    private readonly tables: TestTables,
    private readonly service: SearchService,
    private readonly index: string,
  ) {}

  public async close(): Promise<void> {
    await call(this.service, 'DELETE', this.index);
  }

  /** @param lag until the index has it, in ms */
  public async create(given: Given, lag = 0): Promise<string> {
    const number = ++this.made;
    const articleId = `${lowestIdAt(this.now).slice(0, 24)}${number.toString(16).padStart(12, '0')}`;
    const at = new Date(this.now).toISOString();
    const article: FullArticle = {
      articleId,
      authorId: PEOPLE[0].userId,
      slug: `article-${number}`,
      title: `Article ${number}`,
      description: 'About it',
      body: 'Nothing',
      tagList: [],
      favoritesCount: 0,
      createdAt: at,
      updatedAt: at,
      ...given,
    };
    await expectDone(this.repository.create(article, article.slug));
    this.articles.set(articleId, article);
    this.records.set(articleId, slugOf(article));
    await this.indexLater(articleId, lag);
    return articleId;
  }

  public async update(articleId: string, changes: Given, lag = 0): Promise<void> {
    const article = this.articles.get(articleId)!;
    this.now += 1;
    const updatedAt = new Date(this.now).toISOString();
    await expectDone(this.repository.update(this.records.get(articleId)!, changes, updatedAt));
    const changed = { ...article, ...changes, updatedAt };
    this.articles.set(articleId, changed);
    this.records.set(articleId, slugOf(changed));
    await this.indexLater(articleId, lag);
  }

  /** @param lags until the clean-up removes what is left of it in the table, and then the index has it */
  public async remove(articleId: string, lags: readonly [cleanUp: number, index: number] = [0, 0]): Promise<void> {
    await expectDone(this.repository.delete(this.records.get(articleId)!, new Date(this.now).toISOString()));
    this.articles.delete(articleId);
    const [cleanUp, index] = lags;
    this.changes.push({
      at: this.now + cleanUp,
      apply: () =>
        this.tables.delete(this.tables.social, [articleTextKey(articleId), timelineKey(articleId, this.tables.shards)]),
    });
    this.changes.push({
      at: this.now + cleanUp + index,
      apply: () => call(this.service, 'DELETE', `${this.index}/_doc/${articleId}?${at(9999)}`),
    });
    await this.settle();
  }

  /** Time goes by, and the index learns what it has to learn by then. */
  public async pass(ms: number): Promise<void> {
    this.now += ms;
    await this.settle();
  }

  public list(filters: { tag?: string; author?: string; words?: string[] } = {}, limit = 20, offset = 0) {
    return listArticlesByIndex(this.ports(), undefined, filters, { limit, offset });
  }

  public tags(): Promise<string[]> {
    return usedTags(this.ports(), 1000, async () => ['from the table']);
  }

  public search(
    words: readonly string[],
    names: { tag?: string; author?: string } = {},
    range: Parameters<typeof searchArticles>[4] = { limit: 20 },
  ) {
    return searchArticles(this.ports(), undefined, words, names, range);
  }

  public ports(): SearchPorts & ListPorts {
    const client = { request: (method: string, path: string, body: unknown) => this.request(method, path, body) };
    return {
      sessions: {
        verify: async () => ({ userId: PEOPLE[0].userId, generation: 1 }),
        load: async (_, { usernames = [], tag } = {}) => ({
          userIds: usernames.map((name) => PEOPLE.find(({ username }) => username === name)?.userId),
          tagged: (await new SessionRepository(this.tables).load(undefined, { tag })).tagged,
        }),
      },
      lists: new ListRepository(this.tables),
      recent: new RecentRepository(this.tables),
      index: new SearchRepository(this.index, 1000, () => client as never),
      fellBack: async () => void this.fallbacks++,
      windows: WINDOWS,
      window: WINDOWS.deleted,
      now: () => this.now,
    };
  }

  private get repository(): ArticleRepository {
    return new ArticleRepository(this.tables);
  }

  private async request(method: string, path: string, body: unknown): Promise<unknown> {
    this.asked++;
    if (!this.isUp) throw new Error('connect ECONNREFUSED');
    return succeed(this.service, method, path.slice(1), body as object);
  }

  /** The document as the item is now, whenever it comes: the index takes no version that is older than its own. */
  private async indexLater(articleId: string, lag: number): Promise<void> {
    const item = await this.tables.item(this.tables.social, articleTextKey(articleId));
    const { version, ...text } = ARTICLE_TEXT.read(item!);
    const document = Object.fromEntries(
      Object.entries(text).filter(([name]) => ARTICLE_DOCUMENTS.fields.includes(name)),
    );
    this.changes.push({
      at: this.now + lag,
      apply: () => call(this.service, 'PUT', `${this.index}/_doc/${articleId}?${at(2 * version)}`, document),
    });
    await this.settle();
  }

  private async settle(): Promise<void> {
    const due = this.changes.filter((change) => change.at <= this.now).sort((a, b) => a.at - b.at);
    this.changes = this.changes.filter((change) => change.at > this.now);
    for (const change of due) await change.apply();
    if (due.length > 0) await succeed(this.service, 'POST', `${this.index}/_refresh`);
  }
}

const at = (version: number) => `version=${version}&version_type=external`;

async function expectDone(outcome: Promise<{ readonly kind: string }>): Promise<void> {
  const { kind } = await outcome;
  if (kind !== 'done') throw new Error(`The write is ${kind}`);
}
