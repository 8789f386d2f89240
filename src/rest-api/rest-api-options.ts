import { Duration } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { ApiEndpoint } from '../core/api-options';

/** One endpoint of a REST API. */
export interface RestApiEndpoint extends ApiEndpoint {
  /** Who may call it, its parameters and the like. @default - everyone, and no parameter is demanded */
  readonly methodOptions?: apigateway.MethodOptions;
  /** How the function is called, such as in which time. @default - as a proxy */
  readonly integrationOptions?: apigateway.LambdaIntegrationOptions;
  /**
   * JSON schema, draft 4, that the body of a request must satisfy before the function is called. It holds for a body of
   * every content type: what is not JSON is refused.
   *
   * @default - the gateway looks at no body but by the models of `methodOptions`
   */
  readonly bodySchema?: { readonly [keyword: string]: unknown };
  /** Requests a second that this endpoint takes before it answers 429. @default - those of the API */
  readonly throttlingRateLimit?: number;
  /** Requests at once that this endpoint takes before it answers 429. @default - those of the API */
  readonly throttlingBurstLimit?: number;
  /**
   * How long an answer is given again to requests of the same key, errors of the function too: from 1 second to an hour.
   * Only a `GET` may have it, and it does nothing unless the API has a cache (`cacheClusterSize`).
   *
   * @default - answers are not cached
   */
  readonly cacheTtl?: Duration;
  /**
   * What tells one cached answer from another: `method.request.header.NAME` and `method.request.querystring.NAME`. All
   * that an answer depends on has to be here, `method.request.header.Authorization` before anything: what is not in the
   * key is not looked at, and one caller would get the answer of another. Parameters of the path are in it anyway, and
   * the header `Origin` is where the API answers to some origins only.
   *
   * @default - parameters of the path
   */
  readonly cacheKeyParameters?: string[];
  /**
   * Whether an answer is the same for everybody, so that the key needs no `Authorization`.
   *
   * @default false
   */
  readonly cacheForEveryone?: boolean;
}

/** A domain of your own, and the path below it where an API answers. */
export interface RestDomainMapping {
  /** The domain. */
  readonly domainName: apigateway.IDomainName;
  /** First part of the path. @default - none */
  readonly basePath?: string;
}

/** How much callers may ask for: each with a key, which they send as `x-api-key`. */
export interface RestUsagePlan {
  /** Requests a second of one key. @default - those of the API */
  readonly rateLimit?: number;
  /** Requests at once of one key. @default - those of the API */
  readonly burstLimit?: number;
  /** Requests of one key in a period. @default - without end */
  readonly quotaLimit?: number;
  /** The period of `quotaLimit`. @default apigateway.Period.MONTH */
  readonly quotaPeriod?: apigateway.Period;
  /** Keys of the plan. @default - a new one; API Gateway makes its value */
  readonly apiKeys?: apigateway.IApiKey[];
}

/** An answer that the gateway gives itself, in the words of an API. */
export interface RestGatewayResponse {
  /** When it is given: no valid credentials, a bad body, too many requests and so on. */
  readonly type: apigateway.ResponseType;
  /** Its status. @default - as API Gateway has it for the type */
  readonly statusCode?: number;
  /**
   * JSON with variables of API Gateway, such as `$context.error.messageString`, which brings its quotes.
   * `$context.error.validationErrorString` is refused: it holds quotes that nothing escapes.
   *
   * @default - `errorBody`
   */
  readonly body?: string;
  /** Headers beside those of CORS, such as `WWW-Authenticate`; fixed values. @default - none */
  readonly headers?: { readonly [name: string]: string };
}
