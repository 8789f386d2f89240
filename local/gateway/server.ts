import { IncomingMessage, ServerResponse } from 'node:http';
import { HttpHandler } from '../http/server';
import { RequestRecord } from '../types';
import { GatewayRequest, readRequest } from './request';
import { gatewayMessage, GatewayResponse, RoutedResponse } from './response';

/** API Gateway takes no bigger body. */
const BODY_LIMIT = 10 * 1024 * 1024;

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

/** An API behind an address. */
export interface Gateway {
  readonly name: string;
  /** True where the first part of a path belongs to the API, even if it is `_local`. */
  claims(firstPart: string): boolean;
  /** @param bodyTooLarge the body was larger than API Gateway takes, and is not in the request */
  handle(request: GatewayRequest, bodyTooLarge: boolean): Promise<RoutedResponse>;
}

/** Answers HTTP requests through one API. */
export class GatewayHandler implements HttpHandler {
  public api?: Gateway;
  public upgrade?: HttpHandler['upgrade'];

  public constructor(private readonly record: (request: RequestRecord) => void) {}

  public claims(firstPart: string): boolean {
    return this.api?.claims(firstPart) === true;
  }

  public async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const body = await readBody(message);
    const request = readRequest(message, body ?? Buffer.alloc(0));
    const handled: RoutedResponse = (await this.api?.handle(request, body === undefined)) ?? {
      response: gatewayMessage(404, 'Not Found'),
    };
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
