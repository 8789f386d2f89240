import { Duration } from 'aws-cdk-lib';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ApiAlarmThresholds, ApiOptions } from '../core/api-options';
import { FunctionOptions } from '../core/function-options';
import { StatefulResourceOptions } from '../core/stateful-resource-options';
import { IFeedFanout } from '../feed-fanout/i-feed-fanout';
import { ISearchIndexPipeline } from '../search-index-pipeline/i-search-index-pipeline';
import { ISocialTable } from '../social-table/i-social-table';

/** Thresholds above which a RealWorldApi alarms, by severity. An empty record makes no alarm of that kind. */
export interface RealWorldApiAlarmThresholds extends ApiAlarmThresholds {
  /** Age of the oldest message for clean-up, in seconds. @default - Critical: 195, beyond which lists may lack it */
  readonly cleanUpLag?: { readonly [severity: string]: number };
  /** Messages that clean-up failed at too often. @default - Critical: 0 */
  readonly cleanUpDeadLetters?: { readonly [severity: string]: number };
  /**
   * Failed runs of the functions that no request waits for, clean-up and key manager, in 5 minutes. Those of endpoints
   * are answers with a status of 500.
   *
   * @default - Critical: 0
   */
  readonly functionErrors?: { readonly [severity: string]: number };
  /** Requests in 5 minutes that the table answered because the search index did not. @default - Critical: 10 */
  readonly searchFallbacks?: { readonly [severity: string]: number };
  /** Throttled runs of the same functions, in 5 minutes. @default - Critical: 10 */
  readonly functionThrottles?: { readonly [severity: string]: number };
}

/** Properties of a RealWorldApi. */
export interface RealWorldApiProps extends FunctionOptions, StatefulResourceOptions, ApiOptions {
  /**
   * The table of the social graph and its content.
   *
   * @default - the table of `feed` or `search`, or else a new SocialTable
   */
  readonly table?: ISocialTable;
  /**
   * Fills the feeds. It must read the stream of the same table.
   *
   * @default - a new FeedFanout on the table
   */
  readonly feed?: IFeedFanout;
  /**
   * An index of the same table's articles. With it there is full-text search (`GET /search`, `GET /articles?search=`), and
   * the newest articles, those with a tag and the tags are listed from the index; what was written in the last moments is
   * laid over it, so that it is there at once. Where the index does not answer, the table does.
   *
   * @default - no full-text search, and all lists are read from the table
   */
  readonly search?: ISearchIndexPipeline;
  /**
   * How long the search index has for an answer before the table answers (50 ms to 5 s).
   *
   * @default Duration.seconds(1)
   */
  readonly searchTimeout?: Duration;
  /**
   * A table of feeds that is there already, for the FeedFanout that is made here.
   *
   * @default - a new table
   */
  readonly feedTable?: dynamodb.ITable;
  /**
   * A table of accounts that is there already, such as one that a former RealWorldApi left behind. It is used as it is;
   * give its `signingKey` too, so that tokens stay good.
   *
   * @default - a new table
   */
  readonly accountsTable?: dynamodb.ITable;
  /**
   * The secret of the signing key that goes with `accountsTable`. Where the two do not belong together, a new key is
   * made, and tokens of before are no longer good.
   *
   * @default - a new secret
   */
  readonly signingKey?: secretsmanager.ISecret;
  /**
   * Memory of the functions that hash a password, in MB (128 to 10,240). Lambda gives processor time in proportion, so
   * this decides how long signing in takes.
   *
   * @default 1024
   */
  readonly passwordMemorySize?: number;
  /**
   * Sandboxes that are kept ready for an endpoint, by its operation: `{ GetArticles: 5 }`. Its route calls an alias
   * that has them. They are paid for by the hour.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: { readonly [operation: string]: number };
  /**
   * For how long functions keep articles and profiles in memory, for lists, searches, feeds and comments (0 to 60 seconds; 0
   * for not at all). What is changed through this API shows at once all the same: every change leaves a row that lists read.
   * A change that something else makes in the table may show so much later, and so may, to others, a bio or an image
   * whose row could not be written.
   *
   * @default Duration.seconds(45)
   */
  readonly itemCacheTtl?: Duration;
  /** How long a token is good (from 1 second). @default Duration.days(30) */
  readonly tokenLifetime?: Duration;
  /** How often the key pair that signs tokens is replaced (whole days, 1 to 1000). @default Duration.days(90) */
  readonly keyRotation?: Duration;
  /**
   * Least length of a password at registration, in characters (1 to 64). The RealWorld contract asks that it is not
   * blank; a new password of a user who has one needs 8 whatever this says.
   *
   * @default 1
   */
  readonly passwordMinimumLength?: number;
  /** Whether the documents are served at `/docs` and `/docs/spec.json`. @default true */
  readonly docs?: boolean;
  /** A domain of your own, under which the API answers; `url` and `docsUrl` follow it. @default - none */
  readonly domainMapping?: apigatewayv2.DomainMappingOptions;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: RealWorldApiAlarmThresholds;
}

/** What an imported RealWorldApi is known by. */
export interface RealWorldApiAttributes {
  /** Id of the HTTP API. */
  readonly httpApiId: string;
  /** Where the API is served, with `/api`. */
  readonly url: string;
  /** For `metricCleanUpLag`. @default - no such metric */
  readonly cleanUpQueue?: sqs.IQueue;
  /** For `metricCleanUpDeadLetters`. @default - no such metric */
  readonly cleanUpDeadLetterQueue?: sqs.IQueue;
}
