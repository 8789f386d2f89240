import { randomUUID } from 'node:crypto';
import { OperationTypeNode } from 'graphql';
import { WebSocket } from 'ws';
import { JsonObject } from '../../assembly';
import { readGraphqlRequest } from '../api';
import { Authenticator } from '../authenticator';
import { ApiCaller, RequestRefused } from '../caller';
import { deliver, isMeant, Subscription } from './delivery';
import { BadMessage, ClientMessage, MessageError, parseObject, readMessage } from './messages';
import { Executor, PreparedRequest } from '../execution/executor';
import { ApiSchema } from '../schema/schema';

/** "Subscriptions per connection", a quota. */
const MOST_SUBSCRIPTIONS = 100;

/** "Subscription payload size", a quota. */
const MOST_PAYLOAD_BYTES = 240 * 1024;

/** After so long without a message a client gives up. */
const CONNECTION_TIMEOUT_MS = 300_000;

/** How often one is told that the connection stands. */
const KEEP_ALIVE_MS = 60_000;

/** What connections of an API lean on. */
export interface ConnectionContext {
  readonly authenticator: Authenticator;
  readonly api: () => ApiSchema;
  readonly executor: () => Executor;
  log(line: string): void;
}

/** From where a client is connected. */
export interface ConnectionOrigin {
  readonly sourceIp: string;
}

/**
 * One connection for subscriptions, after "Building a real-time WebSocket client in AWS AppSync". Each subscription is
 * authorized by itself, whoever connected.
 */
export class Connection {
  public delivered = 0;
  private readonly subscriptions = new Map<string, Subscription>();
  /** Of subscriptions that are about to begin. */
  private readonly starting = new Set<string>();
  private readonly keepAlive: NodeJS.Timeout;

  public constructor(
    private readonly socket: WebSocket,
    /** Who connected, for a person. */
    public readonly caller: string,
    private readonly origin: ConnectionOrigin,
    private readonly context: ConnectionContext,
  ) {
    this.keepAlive = setInterval(() => this.send({ type: 'ka' }), KEEP_ALIVE_MS);
    socket.on('message', (data: Buffer) => void this.receive(data.toString('utf8')));
    socket.on('close', () => this.end());
  }

  /** The fields that are subscribed to. */
  public get fields(): readonly string[] {
    return [...this.subscriptions.values()].map(({ fieldName }) => fieldName);
  }

  public end(): void {
    clearInterval(this.keepAlive);
    this.subscriptions.clear();
  }

  /** Tells what a mutation gave to the subscriptions on these fields that are meant. */
  public publish(fieldNames: readonly string[], value: unknown): void {
    for (const [id, subscription] of this.subscriptions) {
      if (!fieldNames.includes(subscription.fieldName) || !isMeant(subscription, value)) continue;
      const payload = deliver(this.context.api(), subscription, value);
      const size = Buffer.byteLength(JSON.stringify(payload));
      if (size > MOST_PAYLOAD_BYTES) {
        this.context.log(
          `subscription ${subscription.fieldName}: ${size} bytes are not delivered, at most ${MOST_PAYLOAD_BYTES} are`,
        );
        continue;
      }
      this.delivered += 1;
      this.send({ type: 'data', id, payload });
    }
  }

  private send(message: JsonObject): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  private refuse(id: string | undefined, errors: readonly unknown[]): void {
    this.send({ type: 'error', ...(id === undefined ? {} : { id }), payload: { errors } });
  }

  private async receive(text: string): Promise<void> {
    try {
      await this.handle(readMessage(text));
    } catch (error) {
      if (error instanceof BadMessage) {
        this.refuse(error.id, [error.error]);
        return;
      }
      this.context.log(`a message failed: ${error instanceof Error ? error.message : String(error)}`);
      this.refuse(undefined, [{ errorType: 'InternalFailure', message: 'Internal failure' }]);
    }
  }

  private async handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'connection_init':
        this.send({ type: 'connection_ack', payload: { connectionTimeoutMs: CONNECTION_TIMEOUT_MS } });
        this.send({ type: 'ka' });
        return;
      case 'stop':
        this.stop(message.id);
        return;
      case 'start':
        await this.start(message);
    }
  }

  private stop(id: string): void {
    if (!this.subscriptions.delete(id)) {
      throw new BadMessage({ errorType: 'UnknownOperationError', message: `Unknown operation id ${id}` }, id);
    }
    this.send({ type: 'complete', id });
  }

  private async start({ id, data, headers }: Extract<ClientMessage, { type: 'start' }>): Promise<void> {
    const refused = this.refusalOf(id);
    if (refused !== undefined) throw new BadMessage(refused, id);
    this.starting.add(id);
    try {
      const begun = await this.begin(data, headers);
      if ('errors' in begun) {
        this.refuse(id, begun.errors);
        return;
      }
      this.subscriptions.set(id, begun);
      this.send({ type: 'start_ack', id });
    } catch (error) {
      if (!(error instanceof RequestRefused)) throw error;
      this.refuse(id, [{ errorType: error.errorType, message: error.message }]);
    } finally {
      this.starting.delete(id);
    }
  }

  private refusalOf(id: string): MessageError | undefined {
    if (this.subscriptions.has(id) || this.starting.has(id)) {
      return { errorType: 'DuplicatedOperationError', message: `Operation ${id} is there already` };
    }
    if (this.subscriptions.size + this.starting.size < MOST_SUBSCRIPTIONS) return undefined;
    return {
      errorType: 'MaxSubscriptionsReachedError',
      message: `Max number of ${MOST_SUBSCRIPTIONS} subscriptions reached`,
    };
  }

  private async begin(
    data: string,
    headers: JsonObject,
  ): Promise<Subscription | { readonly errors: readonly unknown[] }> {
    const { authenticator, executor } = this.context;
    const request = signedMessage('/graphql', data, headers, this.origin);
    const caller = await authenticator.authenticate(request);
    const prepared = executor().prepare(readGraphqlRequest(parseObject(data)));
    if ('errors' in prepared) return prepared;
    if (prepared.operation.operation !== OperationTypeNode.SUBSCRIPTION) {
      const message = `${prepared.operation.operation} not supported through the realtime channel`;
      return { errors: [{ errorType: 'UnsupportedOperation', message }] };
    }
    return this.subscribe(prepared, caller, request.headers);
  }

  private async subscribe(
    prepared: PreparedRequest,
    caller: ApiCaller,
    headers: Readonly<Record<string, string>>,
  ): Promise<Subscription | { readonly errors: readonly unknown[] }> {
    const begun = await this.context.executor().subscribe(prepared, { id: randomUUID(), caller, headers });
    return 'errors' in begun ? begun : { prepared, caller, ...begun };
  }
}

/** A request as its sender signed it: the headers are in the message. */
export function signedMessage(
  path: string,
  body: string,
  given: JsonObject,
  { sourceIp }: ConnectionOrigin,
): Parameters<Authenticator['authenticate']>[0] {
  const rawHeaders = Object.entries(given).map(([name, value]) => [name, String(value)] as const);
  return {
    ...{ method: 'POST', path, rawQuery: '', rawHeaders, sourceIp },
    body: Buffer.from(body, 'utf8'),
    headers: Object.fromEntries(rawHeaders.map(([name, value]) => [name.toLowerCase(), value])),
  };
}
