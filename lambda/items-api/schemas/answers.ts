import * as z from 'zod/mini';

/** The schemas of what the API answers. */

const time = () => z.iso.datetime({ precision: 3 });

export const itemAnswer = z.object({
  id: z.string(),
  name: z.string(),
  description: z.optional(z.string()),
  category: z.optional(z.string()),
  createdAt: time(),
  updatedAt: time(),
});
export const itemsAnswer = z.object({ items: z.array(itemAnswer), nextCursor: z.nullable(z.string()) });

export const userAnswer = z.object({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.enum(['user', 'admin']),
  createdAt: time(),
  updatedAt: time(),
});
export const usersAnswer = z.object({ users: z.array(userAnswer) });

export const healthAnswer = z.object({
  status: z.literal('ok'),
  timestamp: time(),
  service: z.string(),
  version: z.string(),
  environment: z.string(),
});

export const errorAnswer = z.object({ error: z.string(), timestamp: time(), requestId: z.string() });
