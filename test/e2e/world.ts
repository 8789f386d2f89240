import { randomBytes } from 'node:crypto';
import { Answer, client, Client, encoded, queryString, RequestOptions } from './client';
import { RealWorldOptions, RealWorldRun, startRealWorld } from './harness';
import {
  ArticleBody,
  ArticleList,
  articleOf,
  articlesOf,
  CommentBody,
  commentOf,
  commentsOf,
  expectNoContent,
  ProfileBody,
  profileOf,
  tagsOf,
  UserBody,
  userOf,
} from './shapes';

/** A registered user, with what is needed to sign in again. */
export interface TestUser {
  readonly email: string;
  readonly username: string;
  readonly password: string;
  readonly token: string;
}

/** Whoever looks; undefined is a visitor. */
export type Viewer = Pick<TestUser, 'token'> | undefined;

export interface ArticleFields {
  readonly title?: string;
  readonly description?: string;
  readonly body?: string;
  readonly tagList?: readonly string[];
}

export interface ListQuery {
  readonly tag?: string;
  readonly author?: string;
  readonly favorited?: string;
  readonly search?: string;
  readonly limit?: number;
  readonly offset?: number;
}

/** Lower-case letters and digits that no other test uses. */
export function uniqueName(prefix = 'u'): string {
  return `${prefix}${randomBytes(6).toString('hex')}`;
}

export function uniqueEmail(): string {
  return `${uniqueName()}@example.com`;
}

/** `count` results, made at most `width` at a time and kept in order. */
export async function times<T>(count: number, make: (index: number) => Promise<T>, width = 8): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      results[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}

/**
 * One running API and what tests do with it. Each operation asserts the contract's status and exact shape, so that
 * every test checks them; `request` is there for everything else.
 */
export class World {
  private run?: RealWorldRun;
  private http?: Client;
  private documents?: Client;

  public async start(options: RealWorldOptions): Promise<void> {
    this.run = await startRealWorld(options);
    this.http = client(this.run.api);
    this.documents = client(this.run.root);
  }

  public async stop(): Promise<void> {
    await this.run?.close();
  }

  public get running(): RealWorldRun {
    if (!this.run) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    return this.run;
  }

  /** Waits until all that was written has come through: see `RealWorldRun`. */
  public async settled(): Promise<void> {
    await this.running.settled();
  }

  public async request(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return (this.http ?? client(this.running.api)).request(method, path, options);
  }

  /** A request below the origin instead of `/api`. */
  public async rootRequest(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return (this.documents ?? client(this.running.root)).request(method, path, options);
  }

  public async get(path: string, viewer?: Viewer): Promise<Answer> {
    return this.request('GET', path, { token: viewer?.token });
  }

  public async post(path: string, viewer?: Viewer, body?: unknown): Promise<Answer> {
    return this.request('POST', path, { token: viewer?.token, body });
  }

  public async put(path: string, viewer?: Viewer, body?: unknown): Promise<Answer> {
    return this.request('PUT', path, { token: viewer?.token, body });
  }

  public async delete(path: string, viewer?: Viewer): Promise<Answer> {
    return this.request('DELETE', path, { token: viewer?.token });
  }

  public async register(fields: Partial<Omit<TestUser, 'token'>> = {}): Promise<TestUser> {
    const username = fields.username ?? uniqueName();
    const wanted = { username, email: `${username}@example.com`, password: uniqueName('password-'), ...fields };
    const { token } = userOf(await this.post('/users', undefined, { user: wanted }), 201);
    return { ...wanted, token };
  }

  public async registerMany(count: number): Promise<TestUser[]> {
    return times(count, () => this.register(), 4);
  }

  public async login(email: string, password: string): Promise<Answer> {
    return this.post('/users/login', undefined, { user: { email, password } });
  }

  public async currentUser(viewer: Viewer): Promise<UserBody> {
    return userOf(await this.get('/user', viewer));
  }

  public async updateUser(viewer: Viewer, user: object): Promise<UserBody> {
    return userOf(await this.put('/user', viewer, { user }));
  }

  public async profile(username: string, viewer?: Viewer): Promise<ProfileBody> {
    return profileOf(await this.get(`/profiles/${encoded(username)}`, viewer));
  }

  public async follow(viewer: Viewer, username: string): Promise<ProfileBody> {
    return profileOf(await this.post(`/profiles/${encoded(username)}/follow`, viewer));
  }

  public async unfollow(viewer: Viewer, username: string): Promise<ProfileBody> {
    return profileOf(await this.delete(`/profiles/${encoded(username)}/follow`, viewer));
  }

  public async createArticle(author: Viewer, fields: ArticleFields = {}): Promise<ArticleBody> {
    const title = fields.title ?? uniqueName('Title ');
    const article = { title, description: `About ${title}`, body: `Text of ${title}`, ...fields };
    return articleOf(await this.post('/articles', author, { article }), 201);
  }

  /** Articles made one after the other, so that their order is known; oldest first. */
  public async createArticles(author: Viewer, count: number, fields: ArticleFields = {}): Promise<ArticleBody[]> {
    return times(count, () => this.createArticle(author, fields), 1);
  }

  public async article(slug: string, viewer?: Viewer): Promise<ArticleBody> {
    return articleOf(await this.get(`/articles/${encoded(slug)}`, viewer));
  }

  public async updateArticle(author: Viewer, slug: string, article: object): Promise<ArticleBody> {
    return articleOf(await this.put(`/articles/${encoded(slug)}`, author, { article }));
  }

  public async deleteArticle(author: Viewer, slug: string): Promise<void> {
    expectNoContent(await this.delete(`/articles/${encoded(slug)}`, author));
  }

  public async favorite(viewer: Viewer, slug: string): Promise<ArticleBody> {
    return articleOf(await this.post(`/articles/${encoded(slug)}/favorite`, viewer));
  }

  public async unfavorite(viewer: Viewer, slug: string): Promise<ArticleBody> {
    return articleOf(await this.delete(`/articles/${encoded(slug)}/favorite`, viewer));
  }

  public async list(query: ListQuery = {}, viewer?: Viewer): Promise<ArticleList> {
    return articlesOf(await this.get(`/articles${queryString({ ...query })}`, viewer));
  }

  public async feed(viewer: Viewer, query: Pick<ListQuery, 'limit' | 'offset'> = {}): Promise<ArticleList> {
    return articlesOf(await this.get(`/articles/feed${queryString({ ...query })}`, viewer));
  }

  public async comment(viewer: Viewer, slug: string, body = uniqueName('Comment ')): Promise<CommentBody> {
    return commentOf(await this.post(`/articles/${encoded(slug)}/comments`, viewer, { comment: { body } }), 201);
  }

  public async comments(slug: string, viewer?: Viewer): Promise<readonly CommentBody[]> {
    return commentsOf(await this.get(`/articles/${encoded(slug)}/comments`, viewer));
  }

  public async deleteComment(viewer: Viewer, slug: string, id: number): Promise<void> {
    expectNoContent(await this.delete(`/articles/${encoded(slug)}/comments/${id}`, viewer));
  }

  public async tags(): Promise<readonly string[]> {
    return tagsOf(await this.get('/tags'));
  }
}

/** Starts the API before the tests of a file or block and stops it after them. */
export function useWorld(options: RealWorldOptions = {}): World {
  const world = new World();
  beforeAll(() => world.start(options), 180_000);
  afterAll(() => world.stop(), 60_000);
  return world;
}

export function slugs(list: ArticleList | readonly { readonly slug: string }[]): string[] {
  return ('articles' in list ? list.articles : list).map(({ slug }) => slug);
}
