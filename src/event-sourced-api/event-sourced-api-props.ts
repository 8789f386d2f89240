import * as appsync from 'aws-cdk-lib/aws-appsync';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { EventSourcedDomain } from './event-sourced-domain';
import { AlarmOptions } from '../core/alarms';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions } from '../core/stateful-resource-options';
import { TableBilling } from '../social-table/table-billing';

/** Thresholds at which an EventSourcedApi alarms, by severity. An empty record makes no alarm of that kind. */
export interface EventSourcedApiAlarmThresholds {
  /** Answers of either API that are errors of AppSync's own, in 5 minutes, at least. @default - Critical: 5 */
  readonly serverErrors?: { readonly [severity: string]: number };
  /**
   * Milliseconds for 95 of 100 answers of either API, above which each of 3 minutes is.
   *
   * @default - Critical: 1500
   */
  readonly latency?: { readonly [severity: string]: number };
  /** Failed runs of a function in 5 minutes, at least. @default - Critical: 5 */
  readonly functionErrors?: { readonly [severity: string]: number };
  /** Runs of a function that Lambda throttled in 5 minutes, at least. @default - Critical: 10 */
  readonly functionThrottles?: { readonly [severity: string]: number };
  /** Milliseconds that the oldest event has waited for the projector, above. @default - Critical: 60000 */
  readonly projectionLag?: { readonly [severity: string]: number };
  /** Aggregates that are parked, and parts of the stream that failed, above. @default - Critical: 0 */
  readonly deadLetters?: { readonly [severity: string]: number };
  /** Parts of rebuilds and other jobs that failed too often, above. @default - Critical: 0 */
  readonly operationsDeadLetters?: { readonly [severity: string]: number };
  /** Changes of which nobody could be told in 5 minutes, above. @default - Critical: 0 */
  readonly publishFailures?: { readonly [severity: string]: number };
  /** Throttled reads of either table in 5 minutes, at least. @default - Critical: 10 */
  readonly readThrottles?: { readonly [severity: string]: number };
  /** Throttled writes of either table in 5 minutes, at least. @default - Critical: 10 */
  readonly writeThrottles?: { readonly [severity: string]: number };
}

/** Properties of an EventSourcedApi. */
export interface EventSourcedApiProps extends FunctionOptions, StatefulResourceOptions, AlarmOptions {
  /** What commands come to, and what is shown. @default EventSourcedDomain.expenseClaims() */
  readonly domain?: EventSourcedDomain;
  /**
   * Who may sign in.
   *
   * @default - a pool with e-mail sign-in, self sign-up, passwords of 8 characters of all classes, optional MFA, and the
   * groups that the schema and `auditors` name
   */
  readonly userPool?: cognito.IUserPool;
  /** Clients of the pool whose tokens are good; only with `userPool`. @default - a new client without a secret */
  readonly userPoolClients?: cognito.IUserPoolClient[];
  /** How the new client may sign in. @default - SRP alone: a password never leaves the device */
  readonly authFlows?: cognito.AuthFlow;
  /** Whether commands and queries are one GraphQL API, and not two. @default false */
  readonly singleApi?: boolean;
  /**
   * Which view a name of the schema stands for, where it is another: `{ claims: 'claims-v2' }`. A view that is made anew
   * beside the old one is put in its place by this, and back again, in one deployment.
   *
   * @default - each name stands for the view of that name
   */
  readonly liveViews?: { readonly [name: string]: string };
  /**
   * Groups of the user pool whose members may read the events of every aggregate.
   *
   * @default - none: roles alone, by `grantReadEvents`
   */
  readonly auditors?: string[];
  /** How the capacity of both tables is paid for. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /**
   * How much the APIs log of fields. Their logs are kept as long as those of the functions.
   *
   * @default appsync.FieldLogLevel.ERROR
   */
  readonly fieldLogLevel?: appsync.FieldLogLevel;
  /** Whether the APIs' logs go without headers, contexts and rendered templates, which hold tokens and data. @default true */
  readonly excludeVerboseContent?: boolean;
  /** Whether the APIs tell their schemas to whoever is signed in. @default true */
  readonly introspection?: boolean;
  /**
   * Batches of one shard of the event table's stream that are projected side by side (1 to 10). More than one take in more
   * events a second, and then read the store more often, as events of one aggregate are in several of them.
   *
   * @default 1
   */
  readonly parallelizationFactor?: number;
  /**
   * Levels of fields that a request may have (1 to 75). What tools ask of a schema has about 15; whether AppSync counts
   * that is not documented.
   *
   * @default 20
   */
  readonly queryDepthLimit?: number;
  /** Resolvers that a request may run (1 to 10,000). @default 50 */
  readonly resolverCountLimit?: number;
  /** ARN of a regional web ACL of AWS WAF to put before the APIs. @default - none */
  readonly webAclArn?: string;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: EventSourcedApiAlarmThresholds;
}

/** What an imported EventSourcedApi is known by. */
export interface EventSourcedApiAttributes {
  /** Id of the GraphQL API that takes commands. */
  readonly commandApiId: string;
  /** Where commands are sent to. */
  readonly commandUrl: string;
  /** Id of the GraphQL API that answers queries. @default - that of the command API */
  readonly queryApiId?: string;
  /** Where queries are sent to. @default - where commands are */
  readonly queryUrl?: string;
  /** Where subscriptions connect to. */
  readonly realtimeUrl: string;
  /** Who may sign in. */
  readonly userPool: cognito.IUserPool;
  /** For `metricProjectionLag`. @default - no such metric */
  readonly projector?: lambda.IFunction;
  /** For `metricDeadLetters`. @default - no such metric */
  readonly deadLetterQueue?: sqs.IQueue;
  /** For `metricPublishFailures`. @default - no such metric */
  readonly metricNamespace?: string;
}
