import { ROUTER_TIMEOUT_SECONDS } from './stream-router';

/** Between clocks, and for what is neither waiting nor working. */
const SLACK_SECONDS = 5;

/**
 * When what happens in the graph is in what a consumer of the stream writes, in seconds. Everything that follows from
 * the lag allowed and the consumer's time-out is reckoned here and nowhere else.
 *
 * @internal
 */
export interface ConsumerTiming {
  /** How long a message that was received stays hidden: so much later it comes again where a run fails or dies. */
  readonly visibilityTimeout: number;
  /** A record of the stream that waits longer for the router is late. */
  readonly routerLag: number;
  /** A message older than this is late: it has waited, has failed once, and has run again for all of its time. */
  readonly messageAge: number;
  /** The age up to which a write may be missing in what the consumer writes while nothing is late. */
  readonly overlayWindow: number;
}

/**
 * Of the lag allowed, half is for the stream and a quarter for the wait in the queue before each step. A step may fail
 * once on top of that, and take its whole time when it comes again.
 *
 * A message is hidden for twice the time-out of the function, and not for six times, as AWS advises against throttling:
 * the queue lets a message be received so much more often instead. Lambda asks for one time-out at least; a cold start
 * is not part of that.
 *
 * @param steps messages that follow one another for one write
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 * @internal
 */
export function consumerTiming(maxLag: number, timeout: number, steps: number): ConsumerTiming {
  const visibilityTimeout = 2 * timeout;
  const routerLag = maxLag / 2;
  const messageAge = Math.ceil(maxLag / 4) + visibilityTimeout + timeout;
  return {
    visibilityTimeout,
    routerLag,
    messageAge,
    overlayWindow: Math.ceil(routerLag) + ROUTER_TIMEOUT_SECONDS + steps * messageAge + SLACK_SECONDS,
  };
}
