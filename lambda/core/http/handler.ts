import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Context } from 'aws-lambda';
import type { Compression } from './compression';
import { corsHeaders } from './cors';
import { HttpError, retryAfter } from './errors';
import { type GatewayEvent, type HttpRequest, type ParsedEvent, type RequestBody, toRequest } from './request';
import { type GatewayResult, type HttpResponse, toResult } from './response';
import { isBusy } from '../busy';
import { logError } from '../logger';

/** How an API words its errors. */
export interface ErrorRenderer {
  /** Messages of a 500: nothing of what went wrong. */
  readonly internalError: HttpError['messages'];
  /** Messages of a 503: the same request may succeed in a moment. */
  readonly unavailable: HttpError['messages'];
  /** Which answers are compressed where the caller takes gzip. @default - none */
  readonly compression?: Compression;
  /** The body of an answer to an error, in the shape of the API. */
  render(error: HttpError, request: HttpRequest): unknown;
}

/** Seconds after which somebody who was in the way of others is best told to ask again. */
const BUSY_SECONDS = 1;

/** Clients that forget the header still mean JSON: these APIs know nothing else. */
const ANY_CONTENT_TYPE = { disableContentTypeCheck: true, disableContentTypeError: true };
const parser = httpJsonBodyParser(ANY_CONTENT_TYPE);

async function parseBody(event: GatewayEvent, parse: () => unknown): Promise<RequestBody> {
  // Only where there is a body: a GET without one is no error.
  if (event.body === undefined || event.body === null || event.body === '') {
    return { kind: 'none' };
  }
  try {
    await parse();
    return { kind: 'json', value: event.body };
  } catch {
    // Its message quotes the input. Told when the body is asked for: who is not signed in is told that first.
    return { kind: 'malformed' };
  }
}

const bodyParser = (): middy.MiddlewareObj<ParsedEvent, GatewayResult, Error, Context> => ({
  before: async (request) => {
    const parsedBody = await parseBody(request.event, () => parser.before?.(request as never));
    Object.assign(request.event, { parsedBody });
  },
});

/** The answer to an error: the error's own, or one that tells nothing. */
async function answerTo(error: unknown, event: ParsedEvent, context: Context, api: ErrorRenderer) {
  if (error instanceof HttpError) {
    return error;
  }
  const { requestId, route, authorizer } = toRequest(event);
  const fields = { requestId, route, principal: authorizer?.principalId, functionRequestId: context.awsRequestId };
  await logError('request failed', error, fields);
  return isBusy(error)
    ? new HttpError(503, api.unavailable, retryAfter(BUSY_SECONDS))
    : new HttpError(500, api.internalError);
}

const errorMapper = (api: ErrorRenderer): middy.MiddlewareObj<ParsedEvent, GatewayResult, Error, Context> => ({
  onError: async (request) => {
    const error = await answerTo(request.error, request.event, request.context, api);
    const asked = toRequest(request.event);
    const headers = { ...corsHeaders(asked), ...error.headers };
    request.response = toResult({ statusCode: error.statusCode, body: api.render(error, asked), headers });
  },
});

/**
 * Turns a function from request to answer into a Lambda handler of a REST or an HTTP API: JSON in, JSON out, errors in
 * the API's shape.
 */
export function httpHandler(api: ErrorRenderer, handle: (request: HttpRequest) => Promise<HttpResponse>) {
  return middy<ParsedEvent, GatewayResult, Error, Context>()
    .use(bodyParser())
    .use(errorMapper(api))
    .handler(async (event) => {
      const request = toRequest(event);
      const { headers, ...response } = await handle(request);
      const result = toResult({ ...response, headers: { ...corsHeaders(request), ...headers } });
      return api.compression ? api.compression(event, result) : result;
    });
}
