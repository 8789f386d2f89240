import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';

/** Ports tried for an address after the first one. */
const PORTS_TRIED = 20;

/**
 * Binds a server to the loopback. Throws an Error that says which port is taken.
 *
 * @param option of the command line that gives the port, for that error
 */
export async function listen(server: Server, port: number, option = 'port'): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(taken ? new Error(`port ${port} is taken: use --${option} N, or --${option} 0 for a free one`) : error);
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

/** Answers the requests that come to an address. */
export interface HttpHandler {
  handle(message: IncomingMessage, response: ServerResponse): Promise<void>;
  /** True where the first part of a path belongs to a route of the app, even if it is `_local`. */
  claims?(firstPart: string): boolean;
  /** Takes a connection over that asks for another protocol, as WebSockets do. Without it such a one is refused. */
  upgrade?(message: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/**
 * The HTTP servers of the app's addresses: the first on the port that was asked for, further ones on the following.
 * The first one also shows the page at `/_local`.
 */
export class HttpServers {
  /** Answers `/_local` and what is below it. */
  public page?: HttpHandler;
  private readonly servers: Server[] = [];
  private readonly beside: Server[] = [];
  private nextPort: number;
  private inFlight = 0;
  private closed = false;

  /** @param port of the first server; 0 for free ones */
  public constructor(private readonly port: number) {
    this.nextPort = port;
  }

  /** Requests being answered, those for the page left out. */
  public get pending(): number {
    return this.inFlight;
  }

  public get count(): number {
    return this.servers.length;
  }

  /** @returns the port */
  public async open(handler: HttpHandler): Promise<number> {
    const first = this.servers.length === 0;
    const server = createServer((message, response) => void this.accept(message, response, handler, first));
    server.on('upgrade', (message: IncomingMessage, socket: Duplex, head: Buffer) => {
      if (handler.upgrade === undefined) socket.destroy();
      else handler.upgrade(message, socket, head);
    });
    server.keepAliveTimeout = 60_000;
    const port = await this.bind(server, first);
    this.servers.push(server);
    if (this.closed) await this.close();
    return port;
  }

  /**
   * Opens an address beside those of the app, which does not count as one of them.
   *
   * @returns the port
   */
  public async openBeside(handler: HttpHandler, port: number, option: string): Promise<number> {
    const server = createServer((message, response) => {
      handler.handle(message, response).catch(() => response.destroy());
    });
    const bound = await listen(server, port, option);
    this.beside.push(server);
    if (this.closed) await this.close();
    return bound;
  }

  public async close(): Promise<void> {
    this.closed = true;
    await Promise.all(this.beside.splice(0).map(shut));
    await Promise.all(this.servers.splice(0).map(shut));
  }

  /** A port taken by another program is passed over, but for the first address. */
  private async bind(server: Server, first: boolean): Promise<number> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        const port = await listen(server, this.nextPort);
        this.nextPort = this.port === 0 ? 0 : port + 1;
        return port;
      } catch (error) {
        if (first || attempt >= PORTS_TRIED) throw error;
        this.nextPort += 1;
      }
    }
  }

  private async accept(
    message: IncomingMessage,
    response: ServerResponse,
    handler: HttpHandler,
    first: boolean,
  ): Promise<void> {
    const part = (message.url ?? '/').split(/[/?]/)[1] ?? '';
    const forPage = first && part === '_local' && handler.claims?.(part) !== true;
    try {
      if (forPage && this.page !== undefined) {
        await this.page.handle(message, response);
        return;
      }
      this.inFlight += 1;
      try {
        await handler.handle(message, response);
      } finally {
        this.inFlight -= 1;
      }
    } catch {
      // The client has gone, or sent what is no HTTP.
      response.destroy();
    }
  }
}
