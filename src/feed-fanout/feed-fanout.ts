import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FeedFanoutBase, FeedResources } from './feed-fanout-base';
import { FeedGraph, graphOfSocialTable, graphOfTables } from './feed-graph';
import { FeedSource } from './feed-source';
import { IFeedFanout } from './i-feed-fanout';
import { FEED_KEY_PREFIXES } from './key-prefixes';
import { AlarmOptions, makeAlarms } from '../core/alarms';
import { BundledFunction } from '../core/bundled-function';
import { checkInteger, checkSeconds, failure, knownSeconds, numberText } from '../core/checks';
import { FunctionOptions, sharedFunctionOptions } from '../core/function-options';
import { StatefulResourceOptions, statefulOptions, tableProtection } from '../core/stateful-resource-options';
import { grantItemRights } from '../core/table-grants';
import { ConsumerTiming, consumerTiming } from '../social-table/consumer-timing';
import { ISocialTable } from '../social-table/i-social-table';
import { SocialEvent } from '../social-table/social-event';
import { SocialStreamConsumer } from '../social-table/social-stream-consumer';
import { SocialTable } from '../social-table/social-table';
import { TableBilling } from '../social-table/table-billing';

/**
 * Thresholds above which a FeedFanout alarms, by severity: `{ Warning: 10, Critical: 60 }`. An empty record makes no
 * alarm of that kind.
 */
export interface FeedFanoutAlarmThresholds {
  /** Age of the records that the router reads, in ms. @default - Critical: half of maxLag */
  readonly routerLag?: { readonly [severity: string]: number };
  /**
   * Age of the oldest message for the worker, in seconds.
   *
   * @default - Critical: a quarter of maxLag, and one failed and one whole run of the worker
   */
  readonly workerLag?: { readonly [severity: string]: number };
  /** Messages that failed too often. @default - Critical: 0 */
  readonly deadLetters?: { readonly [severity: string]: number };
  /** Records of the stream that could not be routed. @default - Critical: 0 */
  readonly routerDeadLetters?: { readonly [severity: string]: number };
}

/** Properties of a FeedFanout. */
export interface FeedFanoutProps extends FunctionOptions, StatefulResourceOptions, AlarmOptions {
  /**
   * The table whose articles and follows fill the feeds. Give this or `source`.
   *
   * @default - a new SocialTable, with the same billing, key and protection as the feed table
   */
  readonly table?: ISocialTable;
  /**
   * Tables of your own whose items and followers fill the feeds, in the place of a SocialTable. Functions of yours read
   * such feeds by `cdk-social-backend/feed`.
   *
   * @default - the SocialTable in `table`
   */
  readonly source?: FeedSource;
  /**
   * How long after its creation an article is in feeds (1 hour to 10 years).
   *
   * @default Duration.days(60)
   */
  readonly feedTtl?: Duration;
  /**
   * Articles that a feed shows at most, and so also how many of a newly followed author are brought in (1 to 10,000).
   *
   * @default 1000
   */
  readonly readCap?: number;
  /**
   * How long writes may wait on their way into feeds before an alarm says so (20 seconds to 12 hours): half of it in the
   * stream, a quarter before each of the worker's two steps. With what the steps take themselves it makes the
   * `overlayWindow`: readers overlay what was written in that.
   *
   * @default Duration.seconds(60)
   */
  readonly maxLag?: Duration;
  /**
   * Time-out of the worker (10 seconds to 15 minutes). Each of its steps takes far less, or is handed on in time.
   *
   * @default Duration.seconds(15)
   */
  readonly workerTimeout?: Duration;
  /**
   * Workers at a time (2 to 1000). Each writes about 1,000 rows a second; an on-demand table takes 4,000 a second at
   * first and 40,000 by the account's default limit.
   *
   * @default 40
   */
  readonly maxConcurrency?: number;
  /**
   * Followers above which an author's new articles are put into nobody's feed: readers then lay the author's own list over
   * their feeds, for one query each (1 to 10,000,000). How many followers there are is estimated as articles are delivered;
   * who falls below 80 % of this is delivered again.
   *
   * @default 10000
   */
  readonly pullAbove?: number;
  /**
   * How long somebody who neither reads their feed nor begins to follow anybody counts as active (4 days to 1 year). Into
   * the feeds of others no new articles are put, from some days after a quarter more of it on: when they return their
   * pages are right at once, made of the lists of those whom they follow, and the feed is filled again. Who follows more
   * than 1,000 always counts as active. It is for a SocialTable whose feeds are read by a RealWorldApi alone.
   *
   * Leaving it out again is safe for feeds; what was dormant is brought back by messages, as the README of FeedFanout tells.
   *
   * @default - everybody counts as active
   */
  readonly activeWithin?: Duration;
  /** Capacity of the feed table. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /** Where alarms fire. @default - as each says */
  readonly alarmThresholds?: FeedFanoutAlarmThresholds;
  /**
   * A table of feeds that is there already, such as one that a former FeedFanout left behind. It is used as it is.
   *
   * @default - a new table
   */
  readonly feedTable?: dynamodb.ITable;
}

/** What an imported FeedFanout is known by. */
export interface FeedFanoutAttributes {
  /** The table whose articles and follows fill the feeds. @default - tables that are no SocialTable */
  readonly table?: ISocialTable;
  /** The feeds. With its customer managed key, where it has one, as `Table.fromTableAttributes` takes it. */
  readonly feedTable: dynamodb.ITable;
  /** As it is set there. @default - that of a FeedFanout without props */
  readonly readCap?: number;
  /** As it is set there. @default - that of a FeedFanout without props */
  readonly feedTtl?: Duration;
  /**
   * As it is set there. Left out here where it is set there, readers leave no marks and count as gone: their feeds are right,
   * but never filled again, and each page reads whom they follow one by one.
   *
   * @default - everybody counts as active
   */
  readonly activeWithin?: Duration;
  /** As it is there; at least that. @default - that of a FeedFanout without props */
  readonly overlayWindow?: Duration;
  /** For `metricRouterLag`. @default - no such metric */
  readonly router?: lambda.IFunction;
  /** For `metricWorkerLag`. @default - no such metric */
  readonly queue?: sqs.IQueue;
  /** For `metricDeadLetters`. @default - no such metric */
  readonly deadLetterQueue?: sqs.IQueue;
  /** For `metricRouterDeadLetters`. @default - no such metric */
  readonly routerDeadLetterQueue?: sqs.IQueue;
}

const MAX_LAG = Duration.seconds(60);
const WORKER_TIMEOUT = Duration.seconds(15);
/** The worker runs twice for an article: once to list the followers, once for each part of them. */
const WORKER_STEPS = 2;
const READ_CAP = 1000;
const FEED_TTL = Duration.days(60);
const PULL_ABOVE = 10_000;
const EVENTS = [SocialEvent.ARTICLE_CREATED, SocialEvent.ARTICLE_DELETED, SocialEvent.FOLLOWED, SocialEvent.UNFOLLOWED];
const READER_EVENTS = [SocialEvent.FEED_READER_RETURNED, SocialEvent.FEED_READER_LEFT];
/** Readers take rows of feeds from any copy of the table: so long, in seconds, one may be behind (see `SETTLE_MS`). */
const SETTLING = 10;

/** How far readers must look back for writes that feeds may lack, by the times of the worker. */
const overlay = ({ overlayWindow }: ConsumerTiming) => Duration.seconds(overlayWindow + SETTLING);

/**
 * Keeps a feed for every user: the articles of those whom they follow, ready to read with one query.
 *
 * An article goes to its author's followers as the stream of the SocialTable tells of it, or an item as that of a table of
 * yours does (`source`); a follow brings in the older
 * articles, an unfollow and a deletion take theirs out. Feeds are behind by moments, at most the `overlayWindow` or an
 * alarm says so; readers overlay the writes of that time, and are right at once.
 *
 * Rows are in a table of their own, so that they do not come back through the stream: `PK` is `USER#<id>`, `SK` the
 * article's id, which sorts by time; `authorId`; `expiresAt`. Beside them lie `AUTHOR#<id>`, each author's own articles,
 * which readers lay over the feeds of new followers and over those of all followers of authors in `PULLED#0`, whom more
 * than `pullAbove` follow; and `REMOVALS#<id>`, notes of the worker for itself.
 */
export class FeedFanout extends FeedFanoutBase {
  /** Uses a FeedFanout of another app, for reading feeds and for metrics. */
  public static fromFeedFanoutAttributes(scope: Construct, id: string, attrs: FeedFanoutAttributes): IFeedFanout {
    return new ImportedFeedFanout(scope, id, attrs);
  }

  public readonly table?: ISocialTable;
  public readonly feedTable: dynamodb.ITable;
  /** Writes the feeds. */
  public readonly worker: lambda.Function;
  /** The events and parts of work that wait for the worker. */
  public readonly queue: sqs.IQueue;
  /** Messages that failed too often. */
  public readonly deadLetterQueue: sqs.IQueue;
  public readonly overlayWindow: Duration;
  public readonly readCap: number;
  public readonly feedTtl: Duration;
  public readonly activeWithin?: Duration;
  /**
   * The alarms by construct id: `RouterLagAlarm` (the stream is read too late), `WorkerLagAlarm` (messages wait too
   * long), `DeadLetterAlarm` (a message failed too often: a feed may lack an article, or show one too many) and
   * `RouterDeadLetterAlarm` (a record of the stream could not be routed), with the severity before `Alarm` where it is
   * not `Critical`.
   */
  public readonly alarms: Record<string, cloudwatch.Alarm>;
  /** @internal */
  protected readonly _resources: FeedResources;

  public constructor(scope: Construct, id: string, props: FeedFanoutProps = {}) {
    super(scope, id);
    checkSeconds('feedTtl', props.feedTtl, { min: 3600, max: 10 * 366 * 86400 }, this);
    checkInteger('readCap', props.readCap, { min: 1, max: 10_000 }, this);
    checkInteger('pullAbove', props.pullAbove, { min: 1, max: 10_000_000 }, this);
    checkSeconds('activeWithin', props.activeWithin, { min: 4 * 86400, max: 366 * 86400 }, this);
    checkInteger('maxConcurrency', props.maxConcurrency, { min: 2, max: 1000 }, this);
    const maxLag = knownSeconds('maxLag', props.maxLag ?? MAX_LAG, { min: 20, max: 12 * 3600 }, this);
    const timeout = knownSeconds('workerTimeout', props.workerTimeout ?? WORKER_TIMEOUT, { min: 10, max: 900 }, this);
    const timing = consumerTiming(maxLag, timeout, WORKER_STEPS);
    this.readCap = props.readCap ?? READ_CAP;
    this.feedTtl = props.feedTtl ?? FEED_TTL;
    this.activeWithin = props.activeWithin;
    this.overlayWindow = overlay(timing);

    const functions = sharedFunctionOptions(this, props);
    if (props.source && props.table) {
      throw failure('Either provide source or table, but not both', this);
    }
    if (props.source && props.activeWithin) {
      throw failure('activeWithin needs a SocialTable: nobody notes who reads feeds of source', this);
    }
    if (props.feedTable && props.billing && (props.table ?? props.source)) {
      throw failure('Either provide feedTable or billing, but not both', this);
    }
    const graph = props.source
      ? graphOfTables(this, props.source, functions)
      : graphOfSocialTable(this, props.table ?? this.ownTable(props, functions), props.activeWithin);
    this.table = graph.table;
    this.feedTable = props.feedTable ?? this.makeFeedTable(props);
    const consumer = graph.consume({
      events: [...EVENTS, ...(props.activeWithin ? READER_EVENTS : [])],
      visibilityTimeout: Duration.seconds(timing.visibilityTimeout),
    });
    this.queue = consumer.queue;
    this.deadLetterQueue = consumer.deadLetterQueue!;
    this._resources = {
      router: consumer.router,
      queue: consumer.queue,
      deadLetterQueue: consumer.deadLetterQueue,
      routerDeadLetterQueue: consumer.routerDeadLetterQueue,
    };
    this.worker = this.makeWorker(props, functions, graph, consumer, timeout);
    this.alarms = this.makeAlarms(props, timing);
  }

  private ownTable(props: FeedFanoutProps, functions: FunctionOptions): ISocialTable {
    return new SocialTable(this, 'Table', {
      ...statefulOptions(props),
      billing: props.billing,
      routerOptions: functions,
    });
  }

  private makeFeedTable(props: FeedFanoutProps): dynamodb.Table {
    const billing = props.billing ?? TableBilling.onDemand();
    const table = new dynamodb.Table(this, 'Feed', {
      partitionKey: { name: 'PK', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'SK', type: dynamodb.AttributeType.STRING },
      timeToLiveAttribute: 'expiresAt',
      billingMode: billing.billingMode,
      ...billing._capacity(),
      ...tableProtection(this, props),
    });
    billing._scale(table, []);
    return table;
  }

  private makeWorker(
    props: FeedFanoutProps,
    functions: FunctionOptions,
    graph: FeedGraph,
    consumer: SocialStreamConsumer,
    timeout: number,
  ): lambda.Function {
    const worker = new BundledFunction(this, 'Worker', {
      ...functions,
      code: graph.workerCode,
      continuesItself: true,
      description: 'Puts articles into feeds and takes them out again',
      timeout: Duration.seconds(timeout),
      ownEnvironment: {
        ...graph.environment,
        FEED_TABLE_NAME: this.feedTable.tableName,
        QUEUE_URL: consumer.queue.queueUrl,
        FEED_TTL_SECONDS: numberText(this.feedTtl.toSeconds()),
        FEED_READ_CAP: numberText(this.readCap),
        FEED_PULL_ABOVE: numberText(props.pullAbove ?? PULL_ABOVE),
      },
    });
    graph.grantToWorker(worker);
    grantItemRights(this.feedTable, worker, graph.feedRights, FEED_KEY_PREFIXES);
    // It hands parts of its work on to itself.
    consumer.queue.grantSendMessages(worker);
    worker.addEventSource(
      new SqsEventSource(consumer.queue, {
        batchSize: 10,
        reportBatchItemFailures: true,
        maxConcurrency: props.maxConcurrency ?? 40,
      }),
    );
    return worker;
  }

  private makeAlarms(props: FeedFanoutProps, timing: ConsumerTiming): Record<string, cloudwatch.Alarm> {
    const thresholds = props.alarmThresholds ?? {};
    return makeAlarms(this, props, [
      {
        name: 'RouterLag',
        description: 'the stream is read too late, and feeds are behind',
        metric: this.metricRouterLag(MINUTE),
        thresholds: thresholds.routerLag ?? { Critical: timing.routerLag * 1000 },
      },
      {
        name: 'WorkerLag',
        description: 'messages wait too long for the worker, and feeds are behind',
        metric: this.metricWorkerLag(MINUTE),
        thresholds: thresholds.workerLag ?? { Critical: timing.messageAge },
      },
      {
        name: 'DeadLetter',
        description: 'a message failed too often: a feed may lack an article, or show one too many',
        metric: this.metricDeadLetters(MINUTE),
        thresholds: thresholds.deadLetters ?? { Critical: 0 },
      },
      {
        name: 'RouterDeadLetter',
        description: 'a record of the stream could not be routed',
        metric: this.metricRouterDeadLetters(MINUTE),
        thresholds: thresholds.routerDeadLetters ?? { Critical: 0 },
      },
    ]);
  }
}

const MINUTE: cloudwatch.MetricOptions = { period: Duration.minutes(1) };

class ImportedFeedFanout extends FeedFanoutBase {
  public readonly table?: ISocialTable;
  public readonly feedTable: dynamodb.ITable;
  public readonly readCap: number;
  public readonly feedTtl: Duration;
  public readonly activeWithin?: Duration;
  public readonly overlayWindow: Duration;
  /** @internal */
  protected readonly _resources: FeedResources;

  public constructor(scope: Construct, id: string, attrs: FeedFanoutAttributes) {
    super(scope, id);
    this.table = attrs.table;
    this.feedTable = attrs.feedTable;
    this.readCap = attrs.readCap ?? READ_CAP;
    this.feedTtl = attrs.feedTtl ?? FEED_TTL;
    this.activeWithin = attrs.activeWithin;
    const usual = consumerTiming(MAX_LAG.toSeconds(), WORKER_TIMEOUT.toSeconds(), WORKER_STEPS);
    this.overlayWindow = attrs.overlayWindow ?? overlay(usual);
    this._resources = attrs;
  }
}
