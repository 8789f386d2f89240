import { IncomingMessage } from 'node:http';
import { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { JsonObject } from '../../assembly';
import { RequestRefused } from '../caller';
import { Connection, ConnectionContext, signedMessage } from './connection';
import { MessageError, parseObject } from './messages';

/** The path of subscriptions at an API with a domain name of its own. */
const PATH = '/graphql/realtime';

/** AppSync takes no larger message. */
const MOST_BYTES = 1024 * 1024;

const PROTOCOL = 'graphql-ws';

/** A header in the list of protocols, for clients that cannot set others. */
const HEADER_PROTOCOL = 'header-';

/** Takes connections for the subscriptions of an API, and tells them what mutations give. */
export class RealtimeServer {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MOST_BYTES,
    handleProtocols: (protocols) => (protocols.has(PROTOCOL) ? PROTOCOL : false),
  });
  private readonly open = new Set<Connection>();

  public constructor(private readonly context: ConnectionContext) {}

  public get connections(): readonly Connection[] {
    return [...this.open];
  }

  public upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const url = new URL(message.url ?? '/', 'http://localhost');
    if (url.pathname !== PATH) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
      return;
    }
    this.sockets.handleUpgrade(message, socket, head, (opened) => void this.connect(opened, message, url));
  }

  /** Tells subscribers what a field of type Mutation gave. */
  public publish(mutation: string, value: unknown): void {
    const fields = this.context.api().subscriptions.get(mutation) ?? [];
    for (const connection of this.open) connection.publish(fields, value);
  }

  /** Ends all connections at once. */
  public close(): void {
    for (const socket of this.sockets.clients) socket.terminate();
    for (const connection of this.open) connection.end();
  }

  private async connect(socket: WebSocket, message: IncomingMessage, url: URL): Promise<void> {
    // What is no WebSocket ends the connection, and nothing else.
    socket.on('error', () => socket.terminate());
    // What comes while the authorization is checked must not be lost.
    socket.pause();
    try {
      const protocols = (message.headers['sec-websocket-protocol'] ?? '').split(/,\s*/);
      if (!protocols.includes(PROTOCOL)) throw new RequestRefused(400, 'NoProtocolError', 'NoProtocolError');
      const sourceIp = message.socket.remoteAddress ?? '127.0.0.1';
      const payload = Buffer.from(url.searchParams.get('payload') ?? 'e30=', 'base64').toString('utf8');
      const request = signedMessage('/graphql/connect', payload, readHeader(url, protocols), { sourceIp });
      const { identity } = await this.context.authenticator.authenticate(request);
      const connection = new Connection(socket, String(identity.username), { sourceIp }, this.context);
      this.open.add(connection);
      socket.on('close', () => this.open.delete(connection));
    } catch (error) {
      if (error instanceof RequestRefused) {
        const { errorType, status: errorCode } = error;
        refuse(socket, { errorType, errorCode, message: error.message });
        return;
      }
      this.context.log(`a connection failed: ${error instanceof Error ? error.message : String(error)}`);
      refuse(socket, { errorType: 'InternalFailure', errorCode: 500, message: 'Internal failure' });
    } finally {
      socket.resume();
    }
  }
}

/** @throws RequestRefused for a header that is none */
function readHeader(url: URL, protocols: readonly string[]): JsonObject {
  const inProtocol = protocols.find((protocol) => protocol.startsWith(HEADER_PROTOCOL))?.slice(HEADER_PROTOCOL.length);
  const encoded = url.searchParams.get('header') ?? inProtocol;
  const header = encoded === undefined ? undefined : parseObject(Buffer.from(encoded, 'base64').toString('utf8'));
  const host = header?.host;
  if (header === undefined || typeof host !== 'string') {
    throw new RequestRefused(400, 'BadRequestException', 'header has to be an object in JSON, in base64, with host');
  }
  return header;
}

function refuse(socket: WebSocket, error: MessageError): void {
  socket.send(JSON.stringify({ type: 'connection_error', payload: { errors: [error] } }));
  socket.close(1000);
}
