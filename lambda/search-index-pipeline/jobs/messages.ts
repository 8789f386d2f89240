import * as z from 'zod/mini';

const turn = z.number().check(z.int(), z.minimum(0));

const MESSAGE = z.discriminatedUnion('type', [
  /** Take the job on from this turn of it. */
  z.object({ type: z.literal('job'), jobId: z.string(), turn }),
  /** Take a segment on from this turn of it. */
  z.object({
    type: z.literal('segment'),
    jobId: z.string(),
    phase: z.enum(['copying', 'comparing']),
    round: turn,
    segment: turn,
    turn,
  }),
]);

export type JobMessage = z.infer<typeof MESSAGE>;
export type SegmentMessage = Extract<JobMessage, { type: 'segment' }>;

/** @throws for anything that is no message of a job: it goes to the dead-letter queue */
export const parseMessage = (body: unknown): JobMessage => MESSAGE.parse(body);
