import * as z from 'zod/mini';

/** How `serviceApi` answers with an error; for API documents. */
export const errorAnswer = z.object({ error: z.string(), timestamp: z.iso.datetime(), requestId: z.string() });
