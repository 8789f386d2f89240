/**
 * What the handlers of an HttpService are made of: `cdk-social-backend/http`. It needs zod 4, which the service brings,
 * and is bundled with each function by whichever bundler the service uses.
 */
import type { EndpointFacts } from '../../../src/core/endpoint';
import { type Behaviour, type Contract, endpoint as coreEndpoint, type InputSchemas } from '../../core/http/endpoint';
import { fallback } from '../../core/http/fallback';
import { type ServiceApi, serviceApi } from '../../core/http/service-api';

export type { Call, Contract, Contracts } from '../../core/http/endpoint';
export { HttpError } from '../../core/http/errors';
export type { ErrorMessages } from '../../core/http/errors';
export type { GatewayHandler, GatewayResult } from '../../core/http/response';
export type { HttpRequest, Parameters } from '../../core/http/http-request';
export { etag, ifMatch, type IfMatch, reply, type ReplyOptions } from '../../core/http/reply';
export {
  conflict,
  invalid,
  notFound,
  preconditionFailed,
  type ServiceApi,
  tooLarge,
} from '../../core/http/service-api';
export type { EndpointFacts } from '../../../src/core/endpoint';

/**
 * Makes services that answer in a shape of their own. What is not given is as with `endpoint` and `notFoundHandler`.
 *
 * @param own how errors look (`render`), how they are worded, which answers are compressed
 */
export function service(own: Partial<ServiceApi> = {}) {
  const api = { ...serviceApi, ...own };
  return {
    /** As `endpoint` below. */
    endpoint: <Facts extends EndpointFacts, C extends Contract<Facts>>(
      facts: Facts,
      schemas: InputSchemas<C>,
      handle: Behaviour<Facts, C>['handle'],
    ) => coreEndpoint<Facts, C>(api, facts, schemas, { handle }),
    /** As `notFoundHandler` below. */
    notFoundHandler: (endpoints: Readonly<Record<string, EndpointFacts>>, basePath = '') =>
      fallback(api, basePath, endpoints),
  };
}

const plain = service();

/**
 * The handler of one endpoint: it reads the request, checks query and body against their schemas (400 that names every
 * field that is wrong), calls `handle`, and writes the answer. An `HttpError` that is thrown is the answer; any other
 * error is a 500 that tells nothing and leaves a line in the log, or a 503 with `retry-after` where AWS was too busy.
 *
 * `export const handler = endpoint<typeof facts, typeof contract>(facts, { body }, async ({ body }) => ...)`
 *
 * Errors are `{"error", "timestamp", "requestId"}`; answers of 1,024 bytes and more are gzip for who takes it. Use
 * `service` for others.
 */
export const { endpoint } = plain;

/** The handler of what no route takes: 404, or 405 that names the methods which the path has. */
export const { notFoundHandler } = plain;
