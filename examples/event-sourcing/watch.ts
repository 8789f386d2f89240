/**
 * Prints what becomes of the caller's own aggregates, until it is interrupted:
 *
 *     npx tsx examples/event-sourcing/watch.ts QUERY_URL REALTIME_URL ACCESS_TOKEN
 *
 * A page does the same with the `WebSocket` that browsers have, and the `Amplify` libraries bring it along.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
 */
import { WebSocket } from 'ws';

interface Message {
  readonly type: string;
  readonly payload?: unknown;
}

const [queryUrl, realtimeUrl, token] = process.argv.slice(2);
if (!queryUrl || !realtimeUrl || !token) {
  process.stderr.write('Give the URL of the query API, that of its subscriptions, and an access token\n');
  process.exit(2);
}

const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly sub: string };
const authorization = { host: new URL(queryUrl).host, Authorization: token };
// The token goes in a subprotocol: addresses end up in logs.
const header = Buffer.from(JSON.stringify(authorization)).toString('base64url');
const socket = new WebSocket(realtimeUrl, ['graphql-ws', `header-${header}`]);
const send = (message: object): void => socket.send(JSON.stringify(message));

socket.on('open', () => send({ type: 'connection_init' }));
socket.on('message', (data: Buffer) => {
  const { type, payload } = JSON.parse(data.toString()) as Message;
  if (type === 'connection_ack') {
    const query = 'subscription ($owner: ID!) { onMyChanges(owner: $owner) { view id version commandId } }';
    send({
      id: 'changes',
      type: 'start',
      payload: { data: JSON.stringify({ query, variables: { owner: sub } }), extensions: { authorization } },
    });
  } else if (type === 'start_ack') {
    process.stdout.write('watching\n');
  } else if (type !== 'ka') {
    process.stdout.write(`${JSON.stringify(payload)}\n`);
  }
});
socket.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
process.on('SIGINT', () => socket.close());
