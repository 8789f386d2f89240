import middy from '@middy/core';
import httpJsonBodyParser from '@middy/http-json-body-parser';
import type { Context } from 'aws-lambda';
import { corsHeaders } from './cors';
import type { ErrorRenderer } from './error-renderer';
import { HttpError, retryAfter } from './errors';
import {
  type GatewayEvent,
  type HttpRequest,
  isPayload2,
  type ParsedEvent,
  type RequestBody,
  toRequest,
} from './request';
import { type GatewayHandler, type GatewayResult, type HttpResponse, toResult } from './response';
import { isBusy } from '../busy';
import { logError } from '../logger';

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
export function httpHandler(
  api: ErrorRenderer,
  handle: (request: HttpRequest) => Promise<HttpResponse>,
): GatewayHandler {
  const handler = middy<ParsedEvent, GatewayResult, Error, Context>()
    .use(bodyParser())
    .use(errorMapper(api))
    .handler(async (event) => {
      const request = toRequest(event);
      const { headers, ...response } = await handle(request);
      const result = toResult({ ...response, headers: { ...corsHeaders(request), ...headers } });
      return api.compression && isPayload2(event) ? api.compression(request, result) : result;
    });
  return handler as unknown as GatewayHandler;
}
