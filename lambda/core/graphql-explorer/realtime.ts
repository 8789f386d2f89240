/**
 * Subscriptions of AppSync, by its own protocol over a WebSocket; no package, only what browsers have. The token goes in a
 * subprotocol and not in the address, which servers log.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */

/** A GraphQL API, as a client of it needs it. */
export interface GraphqlAddress {
  /** `https://ID.appsync-api.REGION.amazonaws.com/graphql` */
  readonly url: string;
  /** `wss://ID.appsync-realtime-api.REGION.amazonaws.com/graphql` */
  readonly realtimeUrl: string;
}

/** An operation as GraphQL takes it. */
export interface Operation {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null;
  readonly operationName?: string | null;
}

/** What happens on a subscription. */
export interface SubscriptionEvents {
  /** AppSync has registered it: what is published from now on arrives. */
  started(): void;
  /** A payload: `{ data }`. */
  data(payload: unknown): void;
  /** It was refused, or has ended by an error; nothing follows. */
  failed(message: string): void;
  /** It has ended; nothing follows. */
  ended(): void;
}

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly connectionTimeoutMs?: number;
    readonly errors?: readonly { readonly message?: string }[];
  };
}

const SUBSCRIPTION_ID = 'subscription';
/** How long a server may keep silent where it does not say. */
const SILENCE_MS = 300_000;

const base64Url = (text: string): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(text)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/**
 * Subscribes, on a connection of its own.
 *
 * @param token an access token or id token of the API's user pool
 * @returns ends it
 */
export function subscribe(
  { url, realtimeUrl }: GraphqlAddress,
  token: string,
  operation: Operation,
  events: SubscriptionEvents,
): () => void {
  const authorization = { host: new URL(url).host, Authorization: token };
  const socket = new WebSocket(realtimeUrl, ['graphql-ws', `header-${base64Url(JSON.stringify(authorization))}`]);
  let silence = SILENCE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let open = true;
  const send = (message: unknown): void => socket.send(JSON.stringify(message));

  function close(how: () => void): void {
    if (!open) return;
    open = false;
    clearTimeout(timer);
    socket.close();
    how();
  }

  function heard(): void {
    clearTimeout(timer);
    timer = setTimeout(() => close(() => events.failed('The connection has become silent')), silence);
  }

  const failed = (message: Message): void =>
    close(() =>
      events.failed(message.payload?.errors?.map((error) => error.message ?? 'refused').join('; ') ?? 'refused'),
    );

  const handlers: Readonly<Record<string, (message: Message) => void>> = {
    connection_ack: ({ payload }) => {
      silence = payload?.connectionTimeoutMs ?? SILENCE_MS;
      send({
        id: SUBSCRIPTION_ID,
        type: 'start',
        payload: { data: JSON.stringify(operation), extensions: { authorization } },
      });
    },
    start_ack: () => events.started(),
    data: ({ payload }) => events.data(payload),
    complete: () => close(() => events.ended()),
    error: failed,
    connection_error: failed,
  };

  socket.addEventListener('open', () => send({ type: 'connection_init' }));
  socket.addEventListener('message', ({ data }) => {
    heard();
    const message = JSON.parse(String(data)) as Message;
    handlers[message.type]?.(message);
  });
  socket.addEventListener('close', () => close(() => events.failed('The connection was closed')));
  return () =>
    close(() => {
      events.ended();
    });
}
