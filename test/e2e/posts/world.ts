import {
  AdminInitiateAuthCommand,
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { type PostsOptions, type PostsRun, startPosts } from './harness';
import {
  type AccessType,
  allowedUsersOf,
  type Me,
  meOf,
  newAllowedUsersOf,
  type NewToken,
  type Page,
  type Post,
  postOf,
  postsOf,
  type PostSummary,
  type Scope,
  type Tag,
  tagOf,
  tagsOf,
  tokenOf,
  tokensOf,
  type TokenSummary,
} from './shapes';
import { type Answer, client, type Client, queryString, type RequestOptions } from '../client';
import { expectNoContent } from '../shapes';
import { uniqueName } from '../world';

/** Begins all text that the tests write, so that logs can be searched for it. */
export const MARK = 'wrtn';
export const text = (what: string): string => uniqueName(`${MARK} ${what} `);

/** What a request is sent with. */
export interface Credential {
  /** A Cognito access token, or an access token of the API. */
  readonly token: string;
}

/** A user who has signed in. */
export interface Session extends Credential {
  readonly userId: string;
  readonly email: string;
  readonly password: string;
  readonly idToken: string;
}

export interface PostFields {
  readonly name?: string;
  readonly content?: string;
  readonly tags?: readonly string[];
  readonly access_type?: AccessType;
  readonly allowed_users?: readonly string[];
}

export interface PostQuery {
  readonly scope?: 'all' | 'mine' | 'public' | 'shared';
  readonly tag?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** Access log lines are collected once in so many requests: the runner keeps a thousand. */
const COLLECT_EVERY = 400;

/**
 * One running API and what tests do with it. Each operation asserts the contract's status and exact shape, so that
 * every test checks them; `request` is there for everything else.
 */
export class PostsWorld {
  private run?: PostsRun;
  private http?: Client;
  private cognito?: CognitoIdentityProviderClient;
  private sent = 0;
  /** How far the clock of the user pool is behind, in milliseconds; the functions have that of the machine. */
  private behind = 0;

  public async start(options: PostsOptions): Promise<void> {
    this.run = await startPosts({ clock: () => Date.now() - this.behind, ...options });
    this.http = client(this.run.root, 'Bearer');
    this.cognito = new CognitoIdentityProviderClient({ ...this.run.app.aws });
  }

  public async stop(): Promise<void> {
    this.cognito?.destroy();
    await this.run?.close();
  }

  public get running(): PostsRun {
    if (!this.run) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    return this.run;
  }

  /** How many there were so far. */
  public get requests(): number {
    return this.sent;
  }

  /** Waits until streams and queues are drained. */
  public async settled(): Promise<void> {
    await this.running.app.idle();
  }

  /** A request below the stage: `/v1/posts`. */
  public async rootRequest(method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
    if (!this.http) throw new Error('The API is started in beforeAll: use it in tests and hooks only');
    this.sent += 1;
    if (this.sent % COLLECT_EVERY === 0) this.running.lines();
    return this.http.request(method, path, options);
  }

  /** A request below `/v1`. */
  public async request(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return this.rootRequest(method, `/v1${path}`, options);
  }

  public async get(path: string, by?: Credential): Promise<Answer> {
    return this.request('GET', path, { token: by?.token });
  }

  public async post(path: string, by?: Credential, body?: unknown): Promise<Answer> {
    return this.request('POST', path, { token: by?.token, body });
  }

  public async put(path: string, by?: Credential, body?: unknown): Promise<Answer> {
    return this.request('PUT', path, { token: by?.token, body });
  }

  public async delete(path: string, by?: Credential): Promise<Answer> {
    return this.request('DELETE', path, { token: by?.token });
  }

  /** Signs a user up, confirms and signs them in, as a client with the AWS SDK does. */
  public async signUp(): Promise<Session> {
    const email = `${uniqueName(MARK)}@example.com`;
    const password = `P4-${uniqueName(MARK)}`;
    const { clientId: ClientId } = this.running;
    const cognito = this.cognito as CognitoIdentityProviderClient;
    const UserAttributes = [{ Name: 'email', Value: email }];
    const signedUp = await cognito.send(
      new SignUpCommand({ ClientId, Username: email, Password: password, UserAttributes }),
    );
    const ConfirmationCode = this.running.codeOf(email);
    await cognito.send(new ConfirmSignUpCommand({ ClientId, Username: email, ConfirmationCode }));
    return { userId: String(signedUp.UserSub), email, password, ...(await this.signIn(email, password)) };
  }

  public async signUps(count: number): Promise<Session[]> {
    return Promise.all(Array.from({ length: count }, () => this.signUp()));
  }

  public async signIn(email: string, password: string): Promise<Pick<Session, 'idToken' | 'token'>> {
    const { userPoolId: UserPoolId, clientId: ClientId } = this.running;
    const AuthParameters = { USERNAME: email, PASSWORD: password };
    const AuthFlow = 'ADMIN_USER_PASSWORD_AUTH';
    const command = new AdminInitiateAuthCommand({ UserPoolId, ClientId, AuthFlow, AuthParameters });
    const { AuthenticationResult: result } = await (this.cognito as CognitoIdentityProviderClient).send(command);
    if (!result?.AccessToken || !result.IdToken) throw new Error('Cognito asks for more than a password');
    return { token: result.AccessToken, idToken: result.IdToken };
  }

  /** A session that began so long ago that it is over. */
  public async oldSession({ email, password }: Session): Promise<Credential> {
    this.behind = 2 * 24 * 3_600_000;
    try {
      return await this.signIn(email, password);
    } finally {
      this.behind = 0;
    }
  }

  public async me(by: Credential): Promise<Me> {
    return meOf(await this.get('/me', by));
  }

  public async updateMe(by: Credential, changes: object): Promise<Me> {
    return meOf(await this.put('/me', by, changes));
  }

  public async deleteMe(by: Credential): Promise<void> {
    expectNoContent(await this.delete('/me', by));
  }

  public async createToken(by: Credential, scopes: readonly Scope[], more: object = {}): Promise<NewToken> {
    return tokenOf(await this.post('/me/tokens', by, { name: text('token'), scopes, ...more }));
  }

  public async tokens(by: Credential): Promise<readonly TokenSummary[]> {
    return this.all((cursor) => this.get(`/me/tokens${queryString({ limit: 100, cursor })}`, by), tokensOf);
  }

  public async deleteToken(by: Credential, tokenId: string): Promise<void> {
    expectNoContent(await this.delete(`/me/tokens/${tokenId}`, by));
  }

  public async rotateToken(by: Credential, tokenId: string): Promise<NewToken> {
    return tokenOf(await this.post(`/me/tokens/${tokenId}/rotate`, by), 200);
  }

  public async createPost(by: Credential, fields: PostFields = {}): Promise<Post> {
    return postOf(await this.post('/posts', by, newPost(fields)), 201);
  }

  public async readPost(by: Credential, postId: string): Promise<Post> {
    return postOf(await this.get(`/posts/${postId}`, by));
  }

  public async updatePost(by: Credential, postId: string, changes: PostFields): Promise<Post> {
    return postOf(await this.put(`/posts/${postId}`, by, changes));
  }

  public async deletePost(by: Credential, postId: string): Promise<void> {
    expectNoContent(await this.delete(`/posts/${postId}`, by));
  }

  /** All pages of it. */
  public async posts(by: Credential, query: PostQuery = {}): Promise<readonly PostSummary[]> {
    return this.all((cursor) => this.get(`/posts${queryString({ limit: 100, ...query, cursor })}`, by), postsOf);
  }

  public async allowedUsers(by: Credential, postId: string): Promise<readonly string[]> {
    const path = `/posts/${postId}/allowed-users`;
    return this.all((cursor) => this.get(`${path}${queryString({ limit: 100, cursor })}`, by), allowedUsersOf);
  }

  public async setAllowedUsers(by: Credential, postId: string, users: readonly string[]): Promise<readonly string[]> {
    return newAllowedUsersOf(await this.put(`/posts/${postId}/allowed-users`, by, { allowed_users: users }));
  }

  public async createTag(by: Credential, access: Tag['access_type'] = 'public', name = text('tag')): Promise<Tag> {
    return tagOf(await this.post('/tags', by, { name, access_type: access }), 201);
  }

  public async readTag(by: Credential, tagId: string): Promise<Tag> {
    return tagOf(await this.get(`/tags/${tagId}`, by));
  }

  public async deleteTag(by: Credential, tagId: string): Promise<void> {
    expectNoContent(await this.delete(`/tags/${tagId}`, by));
  }

  /** All pages of it. */
  public async tags(by: Credential, scope?: 'all' | 'mine' | 'public'): Promise<readonly Tag[]> {
    return this.all((cursor) => this.get(`/tags${queryString({ limit: 100, scope, cursor })}`, by), tagsOf);
  }

  /** All pages of it. */
  public async postsOfTag(by: Credential, tagId: string): Promise<readonly PostSummary[]> {
    const path = `/tags/${tagId}/posts`;
    return this.all((cursor) => this.get(`${path}${queryString({ limit: 100, cursor })}`, by), postsOf);
  }

  /** Every row of a list, page by page. */
  public async all<Row>(
    ask: (cursor: string | undefined) => Promise<Answer>,
    read: (answer: Answer) => Page<Row>,
  ): Promise<readonly Row[]> {
    const rows: Row[] = [];
    for (let cursor: string | undefined; ;) {
      const page = read(await ask(cursor));
      rows.push(...page.rows);
      if (page.next === null) return rows;
      cursor = page.next;
    }
  }
}

/** A whole body. */
export const newPost = (fields: PostFields = {}): PostFields => ({
  name: text('post'),
  content: text('content'),
  access_type: 'private',
  ...fields,
});

/** Starts the API before the tests of a file or block and stops it after them. */
export function usePosts(options: PostsOptions = {}): PostsWorld {
  const world = new PostsWorld();
  beforeAll(() => world.start(options), 180_000);
  afterAll(() => world.stop(), 60_000);
  return world;
}
