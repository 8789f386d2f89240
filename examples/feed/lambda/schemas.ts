import * as z from 'zod';

export const userPath = z.object({ userId: z.string() });

export const postPath = z.object({ userId: z.string(), id: z.string() });

export const followPath = z.object({ userId: z.string(), followee: z.string() });

export const newPost = z.strictObject({
  text: z
    .string({ error: 'must be text' })
    .trim()
    .min(1, { error: 'must not be blank' })
    .max(500, { error: 'must have at most 500 characters' }),
});

export const postAnswer = z.object({ id: z.string(), author: z.string(), text: z.string() });

export const page = z.strictObject({
  limit: z.coerce.number({ error: 'must be a number' }).int().min(1).max(100).default(20),
  cursor: z.optional(z.string()),
});

export const feedAnswer = z.object({ posts: z.array(postAnswer), cursor: z.optional(z.string()) });
