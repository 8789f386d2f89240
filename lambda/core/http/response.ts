/** An answer before it is serialised. A string body is sent as it is, anything else as JSON. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer as both kinds of API Gateway take it from a function. */
export interface GatewayResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded?: boolean;
}

/** Answers depend on who asks, and are right only at the moment they are given. */
const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function toResult({ statusCode, body, headers }: HttpResponse): GatewayResult {
  const isText = typeof body === 'string';
  return {
    statusCode,
    headers: {
      ...COMMON_HEADERS,
      ...(body === undefined || isText ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...headers,
    },
    body: body === undefined ? '' : isText ? body : JSON.stringify(body),
  };
}

/** A Lambda handler behind either kind of API Gateway, whose events it tells apart. */
export type GatewayHandler = (event: unknown, context: unknown) => Promise<GatewayResult>;
