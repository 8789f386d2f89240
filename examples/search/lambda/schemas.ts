import * as z from 'zod/mini';

const line = (maximum: number) =>
  z.string().check(z.regex(/\S/, 'must not be blank'), z.maxLength(maximum, `is longer than ${maximum} characters`));
const subject = line(50);

export const isbnPath = z.object({ isbn: z.string() });
export const newBook = z.object({
  title: line(200),
  author: line(200),
  subjects: z.array(subject).check(z.maxLength(10, 'has more than 10')),
  year: z.int().check(z.gte(0, 'is before 0'), z.lte(9999, 'is after 9999')),
});
export const bookAnswer = z.extend(newBook, { isbn: z.string() });

/** Where a page ends and the next begins: the score and the id of its last book. */
const cursor = z.string().check(z.maxLength(200, 'is longer than 200 characters'));

export const bookQuery = z.object({
  search: z.optional(line(200)),
  subject: z.optional(subject),
  limit: z.optional(
    z.pipe(
      z.string().check(z.regex(/^\d{1,3}$/, 'is no number')),
      z.pipe(z.transform(Number), z.int().check(z.gte(1, 'is below 1'), z.lte(100, 'is over 100'))),
    ),
  ),
  after: z.optional(cursor),
});

export const booksAnswer = z.object({
  books: z.array(z.extend(bookAnswer, { highlighted: z.optional(z.string()) })),
  total: z.int(),
  subjects: z.array(z.object({ subject: z.string(), count: z.int() })),
  next: z.optional(z.string()),
});
export const errorAnswer = z.object({ message: z.string() });
