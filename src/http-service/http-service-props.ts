import { Duration } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { ServiceAuthorizer } from './service-authorizer';
import { ApiAlarmThresholds, ApiOptions } from '../core/api-options';
import { FunctionOptions } from '../core/function-options';

/** One endpoint of an HttpService: facts that its function's code shares. */
export interface HttpServiceEndpoint {
  /** `GET`, `POST`, `PUT`, `PATCH` or `DELETE`. */
  readonly method: string;
  /** Below the service's base path, with its parameters: `/notes/{id}`. */
  readonly path: string;
  /** What it does, shown in the console. @default - method and path */
  readonly summary?: string;
  /** `none` for an endpoint that everybody may call, whatever authorizer the service has. @default deployment */
  readonly auth?: string;
}

/** What one function of a service is given instead of what all are. */
export interface HttpServiceFunctionOptions {
  /** Memory in MB (128 to 10,240). @default - as all functions of the service */
  readonly memorySize?: number;
  /** Longest run; an HTTP API waits for at most 30 seconds. @default - as all functions of the service */
  readonly timeout?: Duration;
  /** Variables beside those of all functions; never a secret. @default - none */
  readonly environment?: { readonly [name: string]: string };
  /** Invocations that it may have at a time. @default - as all functions of the service */
  readonly reservedConcurrentExecutions?: number;
  /** Sandboxes kept ready, so that a request meets no cold start; each costs by the hour. @default - none */
  readonly provisionedConcurrentExecutions?: number;
}

/** What every service behind an HttpService may be given. */
export interface HttpServiceOptions extends FunctionOptions, ApiOptions {
  /**
   * Who may call endpoints whose `auth` is not `none`.
   *
   * @default - everybody; `ServiceAuthorizer.open()` says that it is meant so, and cdk-nag asks no more
   */
  readonly authorizer?: ServiceAuthorizer;
  /** Functions by the names of their endpoints, of which any option differs from the others'. @default - none */
  readonly functions?: { readonly [endpoint: string]: HttpServiceFunctionOptions };
  /** Longest run of a function; an HTTP API waits for at most 30 seconds. @default Duration.seconds(10) */
  readonly timeout?: Duration;
  /** A domain of your own, under which the service answers. @default - none */
  readonly domainMapping?: apigatewayv2.DomainMappingOptions;
  /** Whether pages of the origins named may send credentials of the browser, such as cookies. @default false */
  readonly corsAllowCredentials?: boolean;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: ApiAlarmThresholds;
}

/** Properties of an HttpService. */
export interface HttpServiceProps extends HttpServiceOptions {
  /**
   * Folder of the built functions: for each endpoint a folder of its name in kebab case with an `index.js` or
   * `index.mjs` that exports `handler`: of `GetNote` it is `get-note`. A folder `not-found` answers what no route
   * takes, a folder `docs` serves documents of its own.
   */
  readonly directory: string;
  /** The endpoints by name, which is the construct id of its function: `GetNote`. */
  readonly endpoints: { readonly [name: string]: HttpServiceEndpoint };
  /** Before every path: `/api/v1`. @default - nothing */
  readonly basePath?: string;
  /** What the service is, shown in the console. @default - none */
  readonly description?: string;
  /** File of the OpenAPI document, which `/docs` shows and `/docs/spec.json` serves. @default - no documents */
  readonly openApi?: string;
}
