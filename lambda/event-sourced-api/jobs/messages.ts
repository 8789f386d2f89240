import * as z from 'zod/mini';

const count = z.number().check(z.int(), z.minimum(0));

/** Take a segment on from this turn of it. */
const MESSAGE = z.object({
  type: z.literal('segment'),
  view: z.string(),
  jobId: z.string(),
  segment: count,
  turn: count,
});

export type SegmentMessage = z.infer<typeof MESSAGE>;

/** @throws for anything that is no message of a job: it goes to the dead-letter queue */
export const parseMessage = (body: unknown): SegmentMessage => MESSAGE.parse(body);
