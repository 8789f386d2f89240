import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { SocialEvent } from './social-event';
import { checkInteger, checkSeconds, failure } from '../core/checks';
import { deadLetterQueue } from '../core/dead-letter-queue';

/** Receives where the visibility time-out is a token, so that they cannot be computed. */
const DEFAULT_RECEIVES = 20;

/**
 * Lambda's pollers receive a message, find no concurrency left, and let it become visible again with one more receive
 * counted. In an account with a concurrency of 10 that goes on for as long as others use it; five receives, the least
 * that AWS advises, are gone in minutes. An hour of it must lose nothing.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
function receivesInAnHour(visibilityTimeout: Duration): number {
  if (visibilityTimeout.isUnresolved()) {
    return DEFAULT_RECEIVES;
  }
  return Math.min(1000, Math.max(5, Math.ceil(3600 / visibilityTimeout.toSeconds())));
}

/** What a consumer of a SocialTable's stream wants, and how its queue behaves. */
export interface SocialStreamConsumerOptions {
  /** The events to receive; at least one, none twice. */
  readonly events: SocialEvent[];
  /**
   * How long a received message stays hidden: at least the time-out of the function that works on it, six times that
   * by AWS's advice. Only for the queue made here.
   *
   * @default Duration.minutes(3)
   */
  readonly visibilityTimeout?: Duration;
  /**
   * How often a message is received before it goes to the dead-letter queue (1 to 1000). Only for the queue made here.
   * A message that Lambda throttles is received too, so that a low count loses good messages where an account has
   * little concurrency.
   *
   * @default - as often as it can come again in an hour, at least 5: 20 for a visibilityTimeout of 3 minutes
   */
  readonly maxReceiveCount?: number;
  /**
   * A queue of yours to send to, with its own redrive policy. It must let the router's role send to it.
   *
   * @default - a queue with a dead-letter queue, both encrypted and reachable over TLS only
   */
  readonly queue?: sqs.IQueue;
}

/** What a consumer is made of. Use `ISocialTable.addStreamConsumer`, which also routes events to it. */
export interface SocialStreamConsumerProps extends SocialStreamConsumerOptions {
  /** The function between the stream and the queues. */
  readonly router: lambda.IFunction;
  /** Where records go that cannot be routed. */
  readonly routerDeadLetterQueue: sqs.IQueue;
}

/**
 * A queue that receives the events of a SocialTable. It lives beside the table, so that a consumer in another stack
 * refers to the table's stack and never the other way.
 */
export class SocialStreamConsumer extends Construct {
  /** Where the messages arrive. */
  public readonly queue: sqs.IQueue;
  /** Where messages go that failed too often; undefined for a queue of your own. */
  public readonly deadLetterQueue?: sqs.IQueue;
  /** The events that this queue receives. */
  public readonly events: SocialEvent[];
  /** The function between the stream and the queues; one for all consumers of a table. */
  public readonly router: lambda.IFunction;
  /** Records that could not be routed: a description of the batch, or keys and place of the one record. */
  public readonly routerDeadLetterQueue: sqs.IQueue;

  public constructor(scope: Construct, id: string, props: SocialStreamConsumerProps) {
    super(scope, id);
    if (props.events.length === 0) {
      throw failure(`events of stream consumer '${id}' must name at least one event, got: none`, this);
    }
    const twice = props.events.find((event, index) => props.events.indexOf(event) !== index);
    if (twice !== undefined) {
      throw failure(`events of stream consumer '${id}' must name an event once, got twice: ${twice}`, this);
    }
    if (props.queue?.fifo) {
      throw failure(
        `queue of stream consumer '${id}' must be a standard queue, because events have no order, got: a FIFO queue`,
        this,
      );
    }
    if (props.queue && (props.visibilityTimeout || props.maxReceiveCount !== undefined)) {
      throw failure(
        `Either provide queue or visibilityTimeout and maxReceiveCount for stream consumer '${id}', but not both`,
        this,
      );
    }
    checkSeconds('visibilityTimeout', props.visibilityTimeout, { min: 1, max: 43200 }, this);
    checkInteger('maxReceiveCount', props.maxReceiveCount, { min: 1, max: 1000 }, this);

    this.events = [...props.events];
    this.router = props.router;
    this.routerDeadLetterQueue = props.routerDeadLetterQueue;
    if (props.queue) {
      this.queue = props.queue;
    } else {
      const visibilityTimeout = props.visibilityTimeout ?? Duration.minutes(3);
      this.deadLetterQueue = deadLetterQueue(this, 'DeadLetterQueue');
      this.queue = new sqs.Queue(this, 'Queue', {
        encryption: sqs.QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        visibilityTimeout,
        retentionPeriod: Duration.days(14),
        deadLetterQueue: {
          queue: this.deadLetterQueue,
          maxReceiveCount: props.maxReceiveCount ?? receivesInAnHour(visibilityTimeout),
        },
      });
    }
  }

  /** Age of the oldest record the router has not yet routed, in ms; the largest by default. */
  public metricIteratorAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.router.metric('IteratorAge', { statistic: cloudwatch.Stats.MAXIMUM, ...options });
  }

  /** Age of the oldest message that is not yet worked off, in seconds; the largest by default. */
  public metricAgeOfOldestMessage(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateAgeOfOldestMessage(options);
  }
}
