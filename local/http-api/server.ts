import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { readRequest } from './event';
import { Handled, HttpApi } from './http-api';
import { gatewayMessage, GatewayResponse } from './response';

/** API Gateway takes no bigger body. */
const BODY_LIMIT = 10 * 1024 * 1024;

/** One request the app answered. */
export interface RequestRecord {
  readonly id: string;
  readonly api: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly status: number;
  readonly durationMs: number;
  readonly routeKey?: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}

/** Answers what is not the app's: the page at `/_local`. Resolves to false when it does not want the request. */
export type Aside = (message: IncomingMessage, response: ServerResponse) => Promise<boolean>;

/** Binds a server to the loopback. Throws an Error that says which port is taken. */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`port ${port} is taken: use --port N, or --port 0 for a free one`) : error);
    });
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return (server.address() as AddressInfo).port;
}

/** Ends a server with its open connections. */
export async function shut(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

async function readBody(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read on without keeping: a client that is still sending would not see the answer.
    if (size <= BODY_LIMIT) chunks.push(chunk);
  }
  return size > BODY_LIMIT ? undefined : Buffer.concat(chunks);
}

/** The HTTP server in front of one API, or of none yet. */
export class GatewayServer {
  /** The page beside the app. */
  public aside?: Aside;
  public api?: HttpApi;
  private readonly server: Server;
  private inFlight = 0;

  public constructor(private readonly record: (request: RequestRecord) => void) {
    this.server = createServer((message, response) => void this.accept(message, response));
    this.server.keepAliveTimeout = 60_000;
  }

  /** Requests being answered. */
  public get pending(): number {
    return this.inFlight;
  }

  /** @returns the port */
  public async listen(port: number): Promise<number> {
    return listen(this.server, port);
  }

  public async close(): Promise<void> {
    await shut(this.server);
  }

  private async accept(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const first = (message.url ?? '/').split(/[/?]/)[1] ?? '';
      const own = this.aside !== undefined && first === '_local' && this.api?.claims(first) !== true;
      if (own && (await this.aside?.(message, response))) return;
      await this.answer(message, response);
    } catch {
      // The client has gone, or sent what is no HTTP.
      response.destroy();
    }
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    const start = performance.now();
    try {
      const body = await readBody(message);
      const request = readRequest(message, body ?? Buffer.alloc(0));
      const handled: Handled =
        body === undefined
          ? { response: gatewayMessage(413, 'Request Entity Too Large') }
          : ((await this.api?.handle(request)) ?? { response: gatewayMessage(404, 'Not Found') });
      const status = send(response, handled.response, request.method);
      const { routeKey, functionName, invocationId } = handled;
      this.record({
        id: request.id,
        api: this.api?.name ?? '-',
        time: request.time.getTime(),
        method: request.method,
        path: message.url ?? '/',
        status,
        durationMs: performance.now() - start,
        routeKey,
        functionName,
        invocationId,
      });
    } finally {
      this.inFlight -= 1;
    }
  }
}

/** Writes the answer; a header that HTTP does not allow makes it 500, as in API Gateway. */
function send(response: ServerResponse, answer: GatewayResponse, method: string): number {
  try {
    for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
    if (answer.cookies.length > 0) response.setHeader('set-cookie', [...answer.cookies]);
  } catch {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    return send(response, gatewayMessage(500, 'Internal Server Error'), method);
  }
  const bodiless = answer.status === 204 || answer.status === 304;
  if (!bodiless) response.setHeader('content-length', answer.body.length);
  response.writeHead(answer.status);
  response.end(method === 'HEAD' || bodiless ? undefined : answer.body);
  return answer.status;
}
