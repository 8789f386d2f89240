import * as z from 'zod/mini';

/** The schemas of what the API answers. */

const time = () => z.iso.datetime({ precision: 3 });
const category = z.object({ id: z.string(), score: z.number() });
export const segmentAnswer = z.object({
  type: z.string(),
  categories: z.array(category),
  top_categories: z.array(z.string()),
  created_at: time(),
});
const profile = { id: z.string(), tags: z.array(z.string()), created_at: time(), updated_at: time() };
export const profileAnswer = z.object({
  ...profile,
  segments: z.array(segmentAnswer),
  next_cursor: z.optional(z.nullable(z.string())),
});
export const storedProfile = z.object({
  id: z.string(),
  created_at: time(),
  updated_at: time(),
  segments: z.array(z.object({ type: z.string(), created_at: time() })),
});
export const versionsAnswer = z.object({ segments: z.array(segmentAnswer), next_cursor: z.nullable(z.string()) });
export const categoriesAnswer = z.array(category);
export const namesAnswer = z.array(z.string());
export const storedBlob = z.object({ id: z.string() });
export const blobAnswer = z.looseObject({ id: z.string() });
export const anyAnswer = z.unknown();

export const errorAnswer = z.object({ error: z.string(), timestamp: time(), requestId: z.string() });
