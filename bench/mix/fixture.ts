import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { v7 } from 'uuid';
import { SITE } from './original';
import { ArticleRepository } from '../../lambda/realworld-api/repository/articles';
import { ProfileRepository } from '../../lambda/realworld-api/repository/profiles';
import type { Tables } from '../../lambda/realworld-api/repository/tables';
import { FOLLOW, type FollowItem } from '../../lambda/social-table/entities';
import { writeShards } from '../../lambda/social-table/shards';
import type { RunningApp } from '../../local/running-app';
import { type RealWorldRun, startRealWorld } from '../../test/e2e/harness';

/**
 * The site of the mix, on the running example. Users are registered, and comments made, through the API. Articles and
 * follows are written by the API's own repositories, because they have to be hours old: of the last moments a feed looks
 * further than into its rows.
 */

const HOUR = 3_600_000;

export interface User {
  readonly userId: string;
  readonly username: string;
  readonly token: string;
}

/** How many articles there are, all of authors whom the viewer follows. */
export const FEED = { small: 100, large: 924 };

const AUTHORS = SITE.followers;
/** Of the author who is asked for by name: a page, and a few more. With twelve of each but one that makes all of them. */
const MOST_OF_ONE = 24;

const TEXT = { bio: 150, description: 100, body: 5_700, comment: 400 };
const text = (length: number) => 'lorem ipsum '.repeat(length / 12 + 1).slice(0, length);
const unique = (prefix: string) => `${prefix}${randomBytes(5).toString('hex')}`;
const iso = (time: number) => new Date(time).toISOString();

/** Does something for each at most `width` at a time. */
async function forEach<T>(values: Iterable<T>, width: number, action: (value: T) => Promise<void>): Promise<void> {
  const waiting = values[Symbol.iterator]();
  const work = async () => {
    for (let next = waiting.next(); !next.done; next = waiting.next()) await action(next.value);
  };
  await Promise.all(Array.from({ length: width }, work));
}

/** What is sent to the API. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly by?: User;
  readonly body?: object;
}

export class Site {
  /** Starts the example without a search index, with people who follow one another, and no article. */
  public static async start(): Promise<Site> {
    // One process a function: the second request finds all that the first has read once for all.
    // What functions keep of articles is counted apart, by how much they are asked: see traffic.ts.
    const settings = { ITEM_CACHE_TTL_SECONDS: '0' };
    const run = await startRealWorld({ search: 'off', maxProcesses: 1, settings });
    const { app } = run;
    if (!app) throw new Error('the mix is counted by the local runner: REALWORLD_URL must not be set');
    const tables: Tables = {
      db: DynamoDBDocumentClient.from(new DynamoDBClient(app.aws), {
        marshallOptions: { removeUndefinedValues: true },
      }),
      social: app.physicalId('SocialData/Table/Table'),
      accounts: app.physicalId('RealWorld/Api/Accounts/Table'),
      shards: writeShards(),
    };
    const users: User[] = [];
    await forEach(Array(AUTHORS + 1).keys(), 2, async () => void users.push(await register(run)));
    const [viewer, ...authors] = users;
    const site = new Site(run, app, tables, viewer, authors);
    await site.follows();
    return site;
  }

  private constructor(
    private readonly run: RealWorldRun,
    public readonly app: RunningApp,
    private readonly tables: Tables,
    public readonly viewer: User,
    /** The first is followed by as many as the model reckons with. */
    public readonly authors: readonly User[],
  ) {}

  /** Sends a request. @throws Error where it is not answered with success */
  public async send({ method, path, by, body }: Request): Promise<unknown> {
    return send(this.run, { method, path, by, body });
  }

  /** Has so many articles, the newest of as many authors as there are, and waits until the feeds have them. */
  public async fill(from: number, to: number): Promise<void> {
    const articles = new ArticleRepository(this.tables);
    // All have one tag, which is counted on one item: more at a time would only wait for one another.
    await forEach(numbers(from, to), 2, async (number) => {
      const createdAt = this.timeOf(number);
      const slug = slugOf(number);
      const outcome = await articles.create(
        {
          articleId: v7({ msecs: createdAt }),
          authorId: this.authorOf(number).userId,
          slug,
          title: `Article ${number}`,
          description: text(TEXT.description),
          body: text(TEXT.body),
          tagList: tagsOf(number),
          favoritesCount: 0,
          createdAt: iso(createdAt),
          updatedAt: iso(createdAt),
        },
        slug,
      );
      if (outcome.kind !== 'done') throw new Error(`article ${number}: ${outcome.kind}`);
    });
    await this.app.idle();
    await this.age();
    await this.check(to);
  }

  public async comment(slug: string): Promise<void> {
    for (const by of this.authors.slice(0, SITE.comments)) {
      await this.send({ method: 'POST', path: `/articles/${slug}/comments`, by, body: commentBody() });
    }
  }

  public async close(): Promise<void> {
    this.tables.db.destroy();
    await this.run.close();
  }

  /** Lists show what was written: a page that is short would cost less. */
  private async check(count: number): Promise<void> {
    for (const path of ['/articles', `/articles?tag=${TAG}`, '/articles/feed']) {
      const list = await this.send({ method: 'GET', path, by: this.viewer });
      const { articles, articlesCount } = list as {
        articles: { author: { username: string } }[];
        articlesCount: number;
      };
      const authors = new Set(articles.map(({ author }) => author.username));
      const all = path.includes(TAG) ? Math.floor((count + 1) / 3) : count;
      if (articles.length !== SITE.rows || authors.size !== SITE.authorsOfPage || articlesCount !== all) {
        throw new Error(
          `${path} has ${articles.length} of ${articlesCount} articles by ${authors.size} authors, not of ${all}`,
        );
      }
    }
  }

  private async follows(): Promise<void> {
    const profiles = new ProfileRepository(this.tables);
    const [first, ...others] = this.authors;
    const edges = [...this.authors.map((author) => [this.viewer, author]), ...others.map((author) => [author, first])];
    await forEach(edges, 8, async ([follower, followee]) =>
      profiles.follow(follower.userId, followee.userId, iso(Date.now() - 2 * HOUR)),
    );
    await this.app.idle();
    await this.age();
  }

  /** The stream has filled the feeds now, and not hours ago, as the follows have to say. */
  private async age(): Promise<void> {
    const pages = paginateScan(
      { client: this.tables.db },
      {
        TableName: this.tables.social,
        FilterExpression: 'entityType = :follow AND filledAt > :recent',
        ExpressionAttributeValues: { ':follow': FOLLOW.type, ':recent': Date.now() - HOUR },
      },
    );
    for await (const { Items = [] } of pages) {
      for (const { PK, SK } of Items) {
        const filledAt: FollowItem['filledAt'] = Date.now() - 2 * HOUR;
        await this.tables.db.send(
          new UpdateCommand({
            TableName: this.tables.social,
            Key: { PK, SK },
            UpdateExpression: 'SET filledAt = :at',
            ExpressionAttributeValues: { ':at': filledAt },
          }),
        );
      }
    }
    await this.app.idle();
  }

  /** The first has the oldest; the others take turns, so that a page shows as many as it has rows. */
  private authorOf(number: number): User {
    const others = this.authors.slice(2);
    return number < MOST_OF_ONE ? this.authors[0] : others[(number - MOST_OF_ONE) % others.length];
  }

  /** A minute after another, the newest two hours ago. */
  private timeOf(number: number): number {
    return Date.now() - 2 * HOUR - (FEED.large - number) * 60_000;
  }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

export const slugOf = (number: number): string => `article-${number}`;
/** Tags of an article: each page of a tag shows as many authors as rows. */
const tagsOf = (number: number) => [`topic-${number % 3}`, `theme-${number % 7}`];
export const TAG = 'topic-1';

export const articleBody = () => ({
  article: {
    title: unique('Title '),
    description: text(TEXT.description),
    body: text(TEXT.body),
    tagList: tagsOf(1),
  },
});
export const commentBody = () => ({ comment: { body: text(TEXT.comment) } });

async function send(run: RealWorldRun, { method, path, by, body }: Request): Promise<unknown> {
  const response = await fetch(`${run.api}${path}`, {
    method,
    headers: {
      ...(by ? { authorization: `Token ${by.token}` } : {}),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    body: body && JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} is ${response.status} ${answer.slice(0, 200)}`);
  return answer === '' ? undefined : JSON.parse(answer);
}

export async function register(run: RealWorldRun | Site): Promise<User> {
  const username = unique('u');
  const user = { username, email: `${username}@example.com`, password: unique('password-') };
  const request = { method: 'POST', path: '/users', body: { user } };
  const answer = await (run instanceof Site ? run.send(request) : send(run, request));
  const { token } = (answer as { user: { token: string } }).user;
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as { sub: string };
  const made = { userId: sub, username, token };
  const change = { method: 'PUT', path: '/user', by: made, body: { user: { bio: text(TEXT.bio) } } };
  await (run instanceof Site ? run.send(change) : send(run, change));
  return made;
}
