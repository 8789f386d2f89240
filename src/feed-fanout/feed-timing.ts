import { ROUTER_TIMEOUT_SECONDS } from '../social-table/stream-router';

/** The worker runs twice for an article: once to list the followers, once for each part of them. */
const WORKER_STEPS = 2;
/** Between clocks, and for what is neither waiting nor working. */
const SLACK_SECONDS = 5;

/**
 * When what happens in the graph is in the feeds, in seconds. Everything that follows from `maxLag` and
 * `workerTimeout` is reckoned here and nowhere else.
 *
 * @internal
 */
export interface FeedTiming {
  /** How long a message that was received stays hidden: so much later it comes again where a run fails or dies. */
  readonly visibilityTimeout: number;
  /** A record of the stream that waits longer for the router is late. */
  readonly routerLag: number;
  /** A message older than this is late: it has waited, has failed once, and has run again for all of its time. */
  readonly messageAge: number;
  /** The age up to which a write may be missing in feeds while nothing is late. */
  readonly overlayWindow: number;
}

/**
 * Of the lag allowed, half is for the stream and a quarter for the wait in the queue before each step. A step may fail
 * once on top of that, and take its whole time when it comes again.
 *
 * A message is hidden for twice the time-out of the worker, and not for six times, as AWS advises against throttling:
 * the queue lets a message be received so much more often instead. Lambda asks for one time-out at least; a cold start
 * is not part of that.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * @internal
 */
export function feedTiming(maxLag: number, workerTimeout: number): FeedTiming {
  const visibilityTimeout = 2 * workerTimeout;
  const routerLag = maxLag / 2;
  const messageAge = Math.ceil(maxLag / 4) + visibilityTimeout + workerTimeout;
  return {
    visibilityTimeout,
    routerLag,
    messageAge,
    overlayWindow: Math.ceil(routerLag) + ROUTER_TIMEOUT_SECONDS + WORKER_STEPS * messageAge + SLACK_SECONDS,
  };
}
