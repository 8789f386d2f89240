import * as z from 'zod';

export const newEntry = z.strictObject({
  name: z
    .string({ error: 'must be text' })
    .trim()
    .min(1, { error: 'must not be blank' })
    .max(50, { error: 'must have at most 50 characters' }),
  message: z
    .string({ error: 'must be text' })
    .trim()
    .min(1, { error: 'must not be blank' })
    .max(500, { error: 'must have at most 500 characters' }),
});

export const entryPath = z.object({ id: z.string() });

export const entryAnswer = z.object({
  id: z.string(),
  name: z.string(),
  message: z.string(),
  createdAt: z.iso.datetime(),
});

export const page = z.strictObject({
  limit: z.coerce.number({ error: 'must be a number' }).int().min(1).max(100).default(20),
  before: z.optional(z.string().regex(/^\d{17}-[0-9a-f-]{36}$/, { error: 'must be the id of an entry' })),
});

export const entriesAnswer = z.object({ entries: z.array(entryAnswer), next: z.optional(z.string()) });
