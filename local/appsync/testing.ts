import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { SessionCredentials } from '../running-app';
import { signedHeaders } from '../signing';
import { AnswerError } from './execution/errors';

/** By what a test shows who it is: a token of a user pool, or the credentials of a role. */
export type TestAuthorization =
  | { readonly token: string }
  | {
      readonly region: string;
      readonly credentials: Omit<SessionCredentials, 'sessionToken'> & Partial<SessionCredentials>;
    };

/** An answer of an API. */
export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly AnswerError[];
}

/** Asks an API as one caller. */
export type GraphqlClient = (query: string, variables?: Readonly<Record<string, unknown>>) => Promise<TestAnswer>;

/** Headers that show to an API who sends a body; none for a caller that shows nothing. */
async function authorizationHeaders(
  url: string,
  body: string,
  authorization: TestAuthorization | undefined,
): Promise<Record<string, string>> {
  const headers = { 'content-type': 'application/json' };
  if (authorization === undefined) return headers;
  if ('token' in authorization) return { ...headers, authorization: authorization.token };
  return signedHeaders(url, { method: 'POST', headers, body }, { ...authorization, service: 'appsync' });
}

/** @param url of the API, `http://localhost:PORT/graphql` */
export function graphqlClient(url: string, authorization?: TestAuthorization): GraphqlClient {
  return async (query, variables) => {
    const body = JSON.stringify({ query, variables });
    const response = await fetch(url, {
      method: 'POST',
      headers: await authorizationHeaders(url, body, authorization),
      body,
    });
    const answer = (await response.json()) as Partial<TestAnswer>;
    return { errors: [], ...answer, status: response.status, headers: response.headers };
  };
}

/** What a subscriber gets. */
export interface TestDelivery {
  readonly data: Readonly<Record<string, unknown>>;
  readonly errors?: readonly AnswerError[];
}

/** A subscription under test. */
export interface TestSubscription {
  /** Of the messages about it. */
  readonly id: string;
  /** What has come and was not taken by `next`. */
  readonly waiting: readonly TestDelivery[];
  /** The next that comes, which may have come already. */
  next(): Promise<TestDelivery>;
  /** Ends it. Resolves when the server has said so. */
  stop(): Promise<void>;
}

/** A message from the server. */
export type ServerMessage = Readonly<Record<string, unknown>> & {
  readonly type: string;
  readonly id?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
};

/** A connection for subscriptions under test. */
export interface RealtimeClient {
  /** Sends a message as it is. @returns what the server says next */
  exchange(message: unknown): Promise<ServerMessage>;
  /**
   * Subscribes. Rejects with the errors of the server, as JSON, where it refuses.
   *
   * @param authorization @default - that of the connection
   */
  subscribe(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    authorization?: TestAuthorization,
  ): Promise<TestSubscription>;
  close(): Promise<void>;
}

/**
 * Connects as AppSync's clients do. Rejects with the errors of the server, as JSON, where it refuses.
 *
 * @param url of the API, `http://localhost:PORT/graphql`
 * @param way where the header stands
 */
export async function connectRealtime(
  url: string,
  authorization?: TestAuthorization,
  way: 'query' | 'protocol' = 'query',
): Promise<RealtimeClient> {
  const header = Buffer.from(JSON.stringify(await messageHeaders(`${url}/connect`, '{}', authorization)));
  const address = `${url.replace(/^http/, 'ws')}/realtime`;
  const socket =
    way === 'query'
      ? new WebSocket(`${address}?header=${encodeURIComponent(header.toString('base64'))}&payload=e30=`, 'graphql-ws')
      : new WebSocket(address, ['graphql-ws', `header-${header.toString('base64url')}`]);
  const client = new TestConnection(socket, url, authorization);
  await client.init();
  return client;
}

async function messageHeaders(
  url: string,
  body: string,
  authorization: TestAuthorization | undefined,
): Promise<Record<string, string>> {
  const { host } = new URL(url);
  return { host, ...(await authorizationHeaders(url, body, authorization)) };
}

/** Values that come, and those who wait for them. */
class Inbox<T> {
  public readonly values: T[] = [];
  private readonly takers: ((value: T) => void)[] = [];

  public put(value: T): void {
    const taker = this.takers.shift();
    if (taker === undefined) this.values.push(value);
    else taker(value);
  }

  public async take(): Promise<T> {
    const value = this.values.shift();
    return value ?? new Promise((resolve) => this.takers.push(resolve));
  }
}

class TestConnection implements RealtimeClient {
  /** By the id of what they answer. */
  private readonly answers = new Map<string, Inbox<ServerMessage>>();
  private readonly deliveries = new Map<string, Inbox<TestDelivery>>();
  private readonly opened: Promise<void>;
  private readonly closed: Promise<void>;

  public constructor(
    private readonly socket: WebSocket,
    private readonly url: string,
    private readonly authorization: TestAuthorization | undefined,
  ) {
    this.opened = new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString('utf8')) as ServerMessage));
  }

  public async init(): Promise<void> {
    await this.opened;
    const answer = await this.exchange({ type: 'connection_init' });
    if (answer.type !== 'connection_ack') throw new Error(JSON.stringify(answer));
  }

  public async exchange(message: unknown): Promise<ServerMessage> {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    this.socket.send(text);
    return this.answersOf(idOf(text)).take();
  }

  private answersOf(id: string): Inbox<ServerMessage> {
    const inbox = this.answers.get(id) ?? new Inbox<ServerMessage>();
    this.answers.set(id, inbox);
    return inbox;
  }

  public async subscribe(
    query: string,
    variables?: Readonly<Record<string, unknown>>,
    authorization = this.authorization,
  ): Promise<TestSubscription> {
    const id = randomUUID();
    const data = JSON.stringify({ query, variables });
    const headers = await messageHeaders(this.url, data, authorization);
    const inbox = new Inbox<TestDelivery>();
    this.deliveries.set(id, inbox);
    const answer = await this.exchange({
      type: 'start',
      id,
      payload: { data, extensions: { authorization: headers } },
    });
    if (answer.type !== 'start_ack') throw new Error(JSON.stringify(answer.payload?.errors));
    return {
      id,
      next: async () => inbox.take(),
      waiting: inbox.values,
      stop: async () => {
        const { type } = await this.exchange({ type: 'stop', id });
        if (type !== 'complete') throw new Error(`a subscription ended by ${type}`);
      },
    };
  }

  public async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  private receive(message: ServerMessage): void {
    if (message.type === 'ka') return;
    if (message.type !== 'data') this.answersOf(message.id ?? '').put(message);
    else this.deliveries.get(message.id ?? '')?.put(message.payload as unknown as TestDelivery);
  }
}

function idOf(text: string): string {
  const { id } = (/^\{/.test(text) ? JSON.parse(text) : {}) as { readonly id?: string };
  return id ?? '';
}
