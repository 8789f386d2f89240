import * as z from 'zod/mini';

export const newNote = z.object({
  text: z.string().check(z.regex(/\S/, 'must not be blank'), z.maxLength(1000, 'is longer than 1000 characters')),
});
export const notePath = z.object({ id: z.string() });
export const noteAnswer = z.object({ id: z.string(), text: z.string(), createdAt: z.iso.datetime() });
export const errorAnswer = z.object({ message: z.string() });
