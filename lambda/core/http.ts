import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ApiError, invalid } from './errors';
import { logError } from './logger';

/** A request as a use case sees it. */
export interface Request {
  /** Parsed JSON body; undefined where there is none. Reading it throws an ApiError 422 where it is not JSON. */
  readonly body: unknown;
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where the API is served, without a path: `https://api.example.com`. */
  readonly origin: string;
}

/** An answer before it is serialised. A string body is sent as it is, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const created = (body: unknown): Answer => ({ status: 201, body });
export const noContent: Answer = { status: 204 };

type ParsedEvent = Omit<APIGatewayProxyEventV2, 'body'> & { body?: unknown };

/** Answers depend on who asks, and are right only at the moment they are given. */
const COMMON_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

function serialise(answer: Answer): APIGatewayProxyStructuredResultV2 {
  const isText = typeof answer.body === 'string';
  return {
    statusCode: answer.status,
    headers: {
      ...COMMON_HEADERS,
      ...(answer.body === undefined || isText ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      ...answer.headers,
    },
    body: answer.body === undefined ? '' : isText ? (answer.body as string) : JSON.stringify(answer.body),
  };
}

/** In the place of a body that is not JSON. */
const MALFORMED = Symbol('malformed');

function toRequest(event: ParsedEvent): Request {
  return {
    get body() {
      if (event.body === MALFORMED) {
        throw invalid('body', 'must be valid JSON');
      }
      return event.body === '' ? undefined : event.body;
    },
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    headers: event.headers,
    origin: `https://${event.requestContext.domainName}`,
  };
}

function toAnswer(error: unknown): Answer | undefined {
  if (error instanceof ApiError) {
    return { status: error.status, body: { errors: error.errors }, headers: error.headers };
  }
  return undefined;
}

const errorMapper = (): middy.MiddlewareObj<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error> => ({
  onError: async (request) => {
    const known = toAnswer(request.error);
    if (!known) {
      await logError('request failed', request.error, {
        requestId: request.event.requestContext.requestId,
        route: request.event.routeKey,
        functionRequestId: request.context.awsRequestId,
      });
    }
    request.response = serialise(known ?? { status: 500, body: { errors: { server: ['internal error'] } } });
  },
});

/** Clients that forget the header still mean JSON: the contract knows nothing else. */
const ANY_CONTENT_TYPE = { disableContentTypeCheck: true, disableContentTypeError: true };

/** Parses only where there is a body: a GET without one is no error. */
const bodyParser = (): middy.MiddlewareObj<APIGatewayProxyEventV2> => {
  const parser = httpJsonBodyParser(ANY_CONTENT_TYPE);
  return {
    before: async (request) => {
      const event: ParsedEvent = request.event;
      if (event.body === undefined || event.body === '') {
        return;
      }
      try {
        await parser.before?.(request as never);
      } catch {
        // Its message quotes the input. Kept until the body is asked for: who is not signed in is told that first.
        event.body = MALFORMED;
      }
    },
  };
};

/** Turns a function from request to answer into a Lambda handler: JSON in, JSON out, errors in the API's shape. */
export function httpHandler(handle: (request: Request) => Promise<Answer>) {
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Error, Context>()
    .use(bodyParser())
    .use(errorMapper())
    .handler(async (event) => serialise(await handle(toRequest(event as ParsedEvent))));
}
