import { Annotations, Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { AlarmOptions } from './alarms';
import { checkInteger, failure } from './checks';

/** One endpoint of an API: what is asked for, and what answers. */
export interface ApiEndpoint {
  /** Name of the operation, the same as in the API's documents; unique in the API. */
  readonly id: string;
  /** `GET`, `POST`, `PUT`, `PATCH`, `DELETE` or `HEAD`. */
  readonly method: string;
  /** Path with its parameters, such as `/articles/{slug}`. */
  readonly path: string;
  /** Answers requests; a function, or an alias of one. */
  readonly handler: lambda.IFunction;
}

/** Thresholds above which an API alarms, by severity. An empty record makes no alarm of that kind. */
export interface ApiAlarmThresholds {
  /** Answers with a status of 500 and above, in 5 minutes. @default - Critical: 5 */
  readonly serverErrors?: { readonly [severity: string]: number };
  /** Milliseconds for 99 of 100 answers, in each of 3 periods of 5 minutes. @default - Critical: 3000 */
  readonly latency?: { readonly [severity: string]: number };
}

/** What every API of this library may be given. */
export interface ApiOptions extends AlarmOptions {
  /** Name of the API, shown in the console. @default - the id of the API's construct */
  readonly apiName?: string;
  /**
   * Origins whose pages may call the API from a browser, as `https://example.com`, without a path.
   *
   * @default - every origin
   */
  readonly corsAllowOrigins?: string[];
  /** Requests a second that the API takes before it answers 429. @default 1000 */
  readonly throttlingRateLimit?: number;
  /** Requests at once that the API takes before it answers 429. @default 2000 */
  readonly throttlingBurstLimit?: number;
  /**
   * Whether the API answers under its own domain alone, and no longer under `execute-api`; only with a domain.
   *
   * @default false
   */
  readonly disableExecuteApiEndpoint?: boolean;
}

/** What an API without words of its own is made of. */
export interface DocumentedApiOptions extends ApiOptions {
  /** What the API is, shown in the console. @default - none */
  readonly description?: string;
  /** Headers that pages may send. @default - authorization and content-type */
  readonly corsAllowHeaders?: string[];
  /** Headers of answers that pages may read. @default - retry-after */
  readonly corsExposeHeaders?: string[];
  /** Serves the documents: `GET /docs` and `GET /docs/{file}`. @default - no documents */
  readonly docs?: lambda.IFunction;
}

/** @internal */
export const DEFAULT_RATE_LIMIT = 1000;
/** @internal */
export const DEFAULT_BURST_LIMIT = 2000;
/** @internal */
export const DEFAULT_CORS_HEADERS = ['authorization', 'content-type'];
/** @internal */
export const DEFAULT_EXPOSED_HEADERS = ['retry-after'];

/**
 * The paths of documents.
 *
 * @internal
 */
export const DOCS_PATHS = ['/docs', '/docs/{file}'];

/** What a browser sends as `Origin`: scheme, host and port, or in configuration a `*` in place of a part of the host. */
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s@]+$/i;

/**
 * Refuses bounds and origins that API Gateway would refuse, or that no browser would ever send.
 *
 * @internal
 */
export function checkApiOptions(scope: Construct, options: ApiOptions): void {
  checkInteger('throttlingRateLimit', options.throttlingRateLimit, { min: 1 }, scope);
  checkInteger('throttlingBurstLimit', options.throttlingBurstLimit, { min: 1 }, scope);
  const origins = options.corsAllowOrigins;
  if (origins === undefined || Token.isUnresolved(origins)) {
    return;
  }
  const wrong = origins.find((origin) => !Token.isUnresolved(origin) && origin !== '*' && !ORIGIN.test(origin));
  if (wrong !== undefined) {
    throw failure(
      `corsAllowOrigins must be * or origins such as https://example.com, without a path, got: ${wrong}`,
      scope,
    );
  }
  if (origins.length === 0) {
    Annotations.of(scope).addWarningV2(
      'cdk-social-backend:noCorsOrigin',
      'corsAllowOrigins is empty: no page in a browser can call this API',
    );
  }
}

/**
 * Refuses two endpoints of one name, or of one method and path.
 *
 * @internal
 */
export class EndpointNames {
  private readonly ids = new Set<string>();
  private readonly routes = new Set<string>();

  public constructor(private readonly scope: Construct) {}

  public take({ id, method, path }: ApiEndpoint): void {
    const route = `${method} ${path}`;
    if (!/^(GET|POST|PUT|PATCH|DELETE|HEAD)$/.test(method)) {
      throw failure(
        `method of endpoint ${id} must be GET, POST, PUT, PATCH, DELETE or HEAD, got: ${method}`,
        this.scope,
      );
    }
    if (!path.startsWith('/')) {
      throw failure(`path of endpoint ${id} must begin with a slash, got: ${path}`, this.scope);
    }
    if (this.ids.has(id)) {
      throw failure(`endpoints must have names of their own, got twice: ${id}`, this.scope);
    }
    if (this.routes.has(route)) {
      throw failure(`endpoints must have routes of their own, got twice: ${route}`, this.scope);
    }
    this.ids.add(id);
    this.routes.add(route);
  }
}

/**
 * Accepts that anyone may call what is no endpoint: documents, and what answers all other routes.
 *
 * @internal
 */
export function acknowledgeOpen(resource: Parameters<typeof acknowledge>[0], alsoCognito = false): void {
  const reason = 'Documents and unknown routes are for everyone';
  acknowledge(resource, { id: 'AwsSolutions-APIG4', reason });
  if (alsoCognito) {
    acknowledge(resource, { id: 'AwsSolutions-COG4', reason });
  }
}
