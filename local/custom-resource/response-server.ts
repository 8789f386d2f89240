import { randomBytes } from 'node:crypto';
import { createServer, IncomingMessage, Server } from 'node:http';
import { expectObject, JsonObject } from '../assembly';
import { listen, shut } from '../http/server';

/** Answers of custom resources are small; CloudFormation takes 4 kB. */
const BODY_LIMIT = 64 * 1024;

/** Takes what custom resources answer: each on an address of its own that nobody can guess. */
export class ResponseServer {
  private readonly server: Server;
  private readonly expected = new Map<string, (answer: JsonObject) => void>();
  private bound = 0;

  public constructor() {
    this.server = createServer((message, response) => {
      void this.accept(message)
        .then((status) => response.writeHead(status).end())
        .catch(() => response.writeHead(400).end());
    });
  }

  public get port(): number {
    return this.bound;
  }

  public async start(): Promise<void> {
    this.bound = await listen(this.server, 0);
  }

  /** An address to answer to, and the answer when it comes. */
  public expect(): { readonly url: string; readonly answer: Promise<JsonObject>; forget(): void } {
    const path = `/cfn-response/${randomBytes(24).toString('hex')}`;
    const answer = new Promise<JsonObject>((resolve) => this.expected.set(path, resolve));
    return { url: `http://127.0.0.1:${this.bound}${path}`, answer, forget: () => this.expected.delete(path) };
  }

  public async close(): Promise<void> {
    await shut(this.server);
  }

  private async accept(message: IncomingMessage): Promise<number> {
    const settle = this.expected.get((message.url ?? '').split('?')[0] ?? '');
    if (message.method !== 'PUT' || settle === undefined) return 404;
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of message as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > BODY_LIMIT) return 413;
      chunks.push(chunk);
    }
    settle(expectObject(JSON.parse(Buffer.concat(chunks).toString('utf8')), 'the answer of a custom resource'));
    return 200;
  }
}
