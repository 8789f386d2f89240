import { Duration } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ApiOptions } from '../core/api-options';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions } from '../core/stateful-resource-options';
import { RestDomainMapping, RestUsagePlan } from '../rest-api/rest-api-options';
import { ISocialTable } from '../social-table/i-social-table';

/** Thresholds at which a PostsApi alarms, by severity. An empty record makes no alarm of that kind. */
export interface PostsApiAlarmThresholds {
  /** Failed runs of a function in 5 minutes, at least. @default - Critical: 5 */
  readonly functionErrors?: { readonly [severity: string]: number };
  /** Failed runs of a function in percent of all, over 15 minutes, at least. @default - Critical: 1 */
  readonly functionErrorRate?: { readonly [severity: string]: number };
  /**
   * Milliseconds for 95 of 100 runs of a function that answers requests, above which each of 3 minutes is.
   *
   * @default - Critical: 1000
   */
  readonly functionDuration?: { readonly [severity: string]: number };
  /** Milliseconds for 95 of 100 answers of the API, above which each of 3 minutes is. @default - Critical: 1500 */
  readonly latency?: { readonly [severity: string]: number };
  /** Answers with a status of 500 and above in 5 minutes, at least. @default - Critical: 5 */
  readonly serverErrors?: { readonly [severity: string]: number };
  /** The same in percent of all answers, over 15 minutes, at least. @default - Critical: 1 */
  readonly serverErrorRate?: { readonly [severity: string]: number };
  /** Throttled reads of the table, and of each of its indexes, in 5 minutes, at least. @default - Critical: 10 */
  readonly readThrottles?: { readonly [severity: string]: number };
  /** Throttled writes of the table, and of each of its indexes, in 5 minutes, at least. @default - Critical: 10 */
  readonly writeThrottles?: { readonly [severity: string]: number };
  /** Attempts to sign in that Cognito throttled in a minute, above which a client is. @default - Critical: 5 */
  readonly signInThrottles?: { readonly [severity: string]: number };
  /** Age of the oldest message for clean-up, in seconds, above. @default - Critical: 195 */
  readonly cleanUpLag?: { readonly [severity: string]: number };
  /** Messages that clean-up failed at too often, above. @default - Critical: 0 */
  readonly cleanUpDeadLetters?: { readonly [severity: string]: number };
}

/**
 * How long the gateway keeps answers (0 to 3,600 seconds; 0 for not at all). What is kept is kept for one
 * `Authorization` header alone: nobody is ever given another's answer, and a token that is revoked is refused at once.
 * For so long an answer may be older than what it shows.
 */
export interface PostsApiCacheTtl {
  /** `GET /me`. @default Duration.minutes(5) */
  readonly me?: Duration;
  /** `GET /posts/{postId}`. @default Duration.minutes(1) */
  readonly post?: Duration;
  /** Lists of posts. @default Duration.seconds(30) */
  readonly posts?: Duration;
  /** `GET /tags/{tagId}`. @default Duration.minutes(1) */
  readonly tag?: Duration;
  /** Lists of tags. @default Duration.seconds(30) */
  readonly tags?: Duration;
}

/** The method cache of the gateway. It is billed by the hour, from about 15 USD a month for the smallest. */
export interface PostsApiCache {
  /** Size in GB, as API Gateway offers them: `0.5`, `1.6`, `6.1` and so on to `237`. @default 0.5 */
  readonly size?: string;
  /** How long answers are kept. @default - as each says */
  readonly ttl?: PostsApiCacheTtl;
}

/** A budget of the costs of this API. */
export interface PostsApiBudget {
  /** US dollars a month. */
  readonly monthlyUsd: number;
  /** Percent of it at which somebody is told, of actual costs. @default [80, 100] */
  readonly alertPercentages?: number[];
  /** Who is told, by e-mail; at most ten. @default - none; one of `emails` and `topic` is needed */
  readonly emails?: string[];
  /** A topic that is told; it must let `budgets.amazonaws.com` publish where it is imported. @default - none */
  readonly topic?: sns.ITopic;
}

/** Properties of a PostsApi. */
export interface PostsApiProps extends FunctionOptions, StatefulResourceOptions, ApiOptions {
  /** The table of posts, tags and profiles. It needs a stream. @default - a new SocialTable */
  readonly table?: ISocialTable;
  /**
   * Who may sign in. Profiles are made when somebody first asks for theirs; to have them made as soon as a sign-up is
   * confirmed, make `postConfirmation` the pool's trigger where both are in one stack.
   *
   * @default - a pool with e-mail sign-in, self sign-up, passwords of 8 characters of all classes, optional MFA
   */
  readonly userPool?: cognito.IUserPool;
  /** Clients of the pool whose tokens are good; only with `userPool`. @default - a new client without a secret */
  readonly userPoolClients?: cognito.IUserPoolClient[];
  /** How the new client may sign in. @default - SRP alone: a password never leaves the device */
  readonly authFlows?: cognito.AuthFlow;
  /**
   * A table of accounts that is there already, for access tokens. It has the keys `PK` and `SK`, TTL on `expiresAt`, and
   * no stream.
   *
   * @default - a new table
   */
  readonly accountsTable?: dynamodb.ITable;
  /** Name of the stage, the first part of the path under `execute-api`. @default prod */
  readonly stageName?: string;
  /** Bounds for callers by keys of API Gateway, which they send as `x-api-key` beside their token. @default - no keys */
  readonly usagePlan?: RestUsagePlan;
  /** A cache of answers in the gateway. @default - none */
  readonly cache?: PostsApiCache;
  /**
   * Sandboxes that are kept ready for an endpoint, by its operation: `{ GetPosts: 5 }`. Its method calls an alias that
   * has them. They are paid for by the hour.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: { readonly [operation: string]: number };
  /** Whether the documents are served at `/docs` and `/docs/spec.json`. @default true */
  readonly docs?: boolean;
  /** A domain of your own, under which the API answers; `url` and `docsUrl` follow it. @default - none */
  readonly domainMapping?: RestDomainMapping;
  /** ARN of a regional web ACL of AWS WAF to put before the API. @default - none */
  readonly webAclArn?: string;
  /** Tags of all resources of this construct, by which costs can be told apart. @default - none */
  readonly costAllocationTags?: { readonly [key: string]: string };
  /**
   * A budget with alerts: of what carries the first of `costAllocationTags`, or else of the whole account. A tag counts
   * from when it is activated for cost allocation in the billing console.
   *
   * @default - none
   */
  readonly budget?: PostsApiBudget;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: PostsApiAlarmThresholds;
}

/** What an imported PostsApi is known by. */
export interface PostsApiAttributes {
  /** Id of the REST API. */
  readonly restApiId: string;
  /** Where the API is served, with `/v1`. */
  readonly url: string;
  /** Who may sign in. */
  readonly userPool: cognito.IUserPool;
  /** Name of the REST API, by which its metrics are published. @default - no metrics of the API */
  readonly apiName?: string;
  /** Name of its stage. @default - no metrics of the API */
  readonly stageName?: string;
  /** For `metricCleanUpLag`. @default - no such metric */
  readonly cleanUpQueue?: sqs.IQueue;
  /** For `metricCleanUpDeadLetters`. @default - no such metric */
  readonly cleanUpDeadLetterQueue?: sqs.IQueue;
}
