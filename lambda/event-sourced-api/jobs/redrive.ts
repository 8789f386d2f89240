import * as z from 'zod/mini';
import { jsonOf } from '../../core/invocation';

/** A message of the dead-letter queue. */
export interface DeadLetter {
  readonly messageId: string;
  readonly body: string;
  /** By which it is removed. */
  readonly receipt: string;
}

/** Records of the stream that Lambda has given up: it tells where they are, and not what they are. */
const DISCARDED = z.object({
  DDBStreamBatchInfo: z.object({
    streamArn: z.string(),
    shardId: z.string(),
    startSequenceNumber: z.string(),
    endSequenceNumber: z.string(),
  }),
});

const PARKED = z.object({
  type: z.literal('parked-aggregate'),
  aggregateId: z.string(),
  view: z.string(),
});

export type StreamRange = z.infer<typeof DISCARDED>['DDBStreamBatchInfo'];

export interface RedrivePorts {
  /** Receives some; none where none are left to receive for now. */
  receive(): Promise<readonly DeadLetter[]>;
  remove(letter: DeadLetter): Promise<void>;
  /** Has those that stay come again at once. */
  release(letters: readonly DeadLetter[]): Promise<void>;
  /**
   * Has the projector bring aggregates up to their events: in one view, or in all of them.
   *
   * @returns why some are not, by their ids
   */
  bringUp(ids: readonly string[], view?: string): Promise<ReadonlyMap<string, string>>;
  /** Ids of the aggregates whose events are in that part of the stream; undefined where the stream has it no more. */
  aggregatesIn(range: StreamRange): Promise<readonly string[] | undefined>;
  /** Whether what the projector is asked now might not be answered in time. */
  timeIsShort(): boolean;
}

/** Why messages are left in the queue. */
export interface Left {
  readonly messageId: string;
  readonly reason: string;
}

export interface Redriven {
  /** Messages that are done, and gone. */
  readonly redriven: number;
  /** Those that stay, some by name. */
  readonly left: number;
  readonly reasons: readonly Left[];
  /** Whether there may be more, as time was short: ask again. */
  readonly more: boolean;
}

const REASONS = 20;

/** Aggregates that the projector is asked for at once: as many as there may be in a batch of the stream. */
const AGGREGATES = 100;

/**
 * Works off the dead-letter queue: each aggregate that was parked, or whose events Lambda has given up, is brought up to
 * its events by the projector. What still cannot be done stays in the queue, where the next command finds it again.
 */
export async function redrive(ports: RedrivePorts): Promise<Redriven> {
  /** All that this command has received and not removed, by their ids: they are hidden until it ends. */
  const held = new Map<string, DeadLetter>();
  try {
    return await workOff(ports, held);
  } finally {
    await ports.release([...held.values()]);
  }
}

async function workOff(ports: RedrivePorts, held: Map<string, DeadLetter>): Promise<Redriven> {
  const done = new Map<string, string | undefined>();
  const left = new Map<string, string>();
  let redriven = 0;
  // Each command works on one at least, however little time there is.
  let isBegun = false;
  for (;;) {
    // A queue may give a message twice: it is then known by the later receipt, and not worked on again.
    const letters = (await ports.receive()).filter((letter) => {
      const isNew = !held.has(letter.messageId);
      held.set(letter.messageId, letter);
      return isNew;
    });
    if (letters.length === 0) {
      return result(redriven, left, false);
    }
    for (const letter of letters) {
      if (isBegun && ports.timeIsShort()) {
        return result(redriven, left, true);
      }
      isBegun = true;
      const problem = await workOn(ports, letter.body, done);
      if (problem === undefined) {
        await ports.remove(held.get(letter.messageId) ?? letter);
        held.delete(letter.messageId);
        redriven++;
      } else {
        left.set(letter.messageId, problem);
      }
    }
  }
}

const result = (redriven: number, left: ReadonlyMap<string, string>, more: boolean): Redriven => ({
  redriven,
  left: left.size,
  reasons: [...left].slice(0, REASONS).map(([messageId, reason]) => ({ messageId, reason })),
  more,
});

/** @returns why it cannot be done; undefined where it is */
async function workOn(
  ports: RedrivePorts,
  body: string,
  done: Map<string, string | undefined>,
): Promise<string | undefined> {
  const message = jsonOf(body);
  const parked = PARKED.safeParse(message);
  if (parked.success) {
    return bringUp(ports, [parked.data.aggregateId], done, parked.data.view);
  }
  const discarded = DISCARDED.safeParse(message);
  if (!discarded.success) {
    return 'it is no message of the projector; a record that could not be read is to be looked at by its sequenceNumber';
  }
  const ids = await ports.aggregatesIn(discarded.data.DDBStreamBatchInfo);
  return ids
    ? bringUp(ports, ids, done)
    : 'the stream has these records no more: rebuild each view, and remove this message';
}

/**
 * @param done what was done before, and what came of it: an aggregate may be in more than one message
 * @param view of all of them where there is none
 */
async function bringUp(
  ports: RedrivePorts,
  ids: readonly string[],
  done: Map<string, string | undefined>,
  view?: string,
): Promise<string | undefined> {
  const keyOf = (id: string) => `${view ?? ''} ${id}`;
  const open = ids.filter((id) => !done.has(keyOf(id)));
  for (let from = 0; from < open.length; from += AGGREGATES) {
    const some = open.slice(from, from + AGGREGATES);
    const problems = await ports.bringUp(some, view);
    some.forEach((id) => done.set(keyOf(id), problems.get(id)));
  }
  return ids.map((id) => done.get(keyOf(id))).find((problem) => problem !== undefined);
}
