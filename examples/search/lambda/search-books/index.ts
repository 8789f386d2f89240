import * as contract from './contract';
import { Busy } from '../../../../lambda/core/busy';
import { endpoint } from '../../../../lambda/core/http/endpoint';
import { HttpError } from '../../../../lambda/core/http/errors';
import { logWarning } from '../../../../lambda/core/logger';
import { BOOKS_ENDPOINTS } from '../../contract';
import { api } from '../api';
import { type FoundBooks, searchBooks } from '../search';

const facts = BOOKS_ENDPOINTS.SearchBooks;

const LIMIT = 20;

const toCursor = (sort: readonly [number, string]) => Buffer.from(JSON.stringify(sort)).toString('base64url');

/** @throws HttpError where it is none of ours */
function fromCursor(after: string): readonly [number, string] {
  try {
    const sort: unknown = JSON.parse(Buffer.from(after, 'base64url').toString());
    if (Array.isArray(sort) && sort.length === 2 && Number.isFinite(sort[0]) && typeof sort[1] === 'string') {
      return [Number(sort[0]), sort[1]];
    }
  } catch {
    // Said below, as for any other text.
  }
  throw new HttpError(422, { after: ['is no cursor'] });
}

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { query: contract.query },
  {
    handle: async ({ query: { search, subject, limit = LIMIT, after } }) => {
      const wanted = { search, subject, limit, after: after === undefined ? undefined : fromCursor(after) };
      let found: FoundBooks;
      try {
        found = await searchBooks(wanted);
      } catch (error) {
        await logWarning('OpenSearch did not answer', error);
        throw new Busy('OpenSearch did not answer');
      }
      const { hits, total, subjects } = found;
      return {
        books: hits.map(({ _source: book, highlight }) => ({ ...book, highlighted: highlight?.title?.[0] })),
        total,
        subjects,
        next: hits.length < limit ? undefined : toCursor(hits[hits.length - 1].sort),
      };
    },
  },
);
