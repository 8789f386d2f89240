import type { RedrivePorts } from './jobs/redrive';
import { bringUpAnswerOf } from './project/messages';
import { isBusy } from '../core/busy';
import { functionErrorOf, type Invoke, jsonOf } from '../core/invocation';
import { retry } from '../core/retry';

/**
 * Of one invocation: the projector's own minute, and the ten seconds that Lambda gives a function to start, so that
 * Lambda always answers first.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html (init phase)
 */
export const PROJECTOR_SECONDS = 75;

/** Waits of a projector that is throttled, as by the stream at the limit of its concurrency: at most 2.5 s. */
const THROTTLED = { attempts: 6, baseMs: 100, capMs: 1000 };

/** How long `bringUp` may take, in ms. */
export const BRING_UP_MS = PROJECTOR_SECONDS * 1000 + THROTTLED.attempts * THROTTLED.capMs;

/**
 * Has the projector bring aggregates up: it alone may tell whoever watches. It is asked again only where it has not begun,
 * so that no two of it are at work on the same.
 *
 * @param invoke with one attempt
 */
export const projectorOf =
  (invoke: Invoke): RedrivePorts['bringUp'] =>
  async (ids, view) => {
    const event = JSON.stringify({ bringUp: { ids, view } });
    const { payload, functionError } = await retry(() => invoke(event), isBusy, THROTTLED);
    if (functionError !== undefined) {
      const { errorType, isTimeout } = functionErrorOf(payload);
      const reason = isTimeout ? 'the projector timed out' : `the projector failed with ${errorType}`;
      return new Map(ids.map((id) => [id, reason]));
    }
    const answer = bringUpAnswerOf(jsonOf(payload));
    if (!answer) {
      throw new Error('The projector answered with something else than what it has left');
    }
    return new Map(answer.left.map(({ id, reason }) => [id, reason]));
  };
