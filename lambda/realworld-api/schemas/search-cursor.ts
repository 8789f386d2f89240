import { createHash } from 'node:crypto';
import type { Place } from '../domain/texts';

/** What a cursor goes on with: another search has another order. */
interface Search {
  readonly q: string;
  readonly tag?: string;
  readonly author?: string;
}

const markOf = ({ q, tag = '', author = '' }: Search) =>
  createHash('sha256')
    .update(JSON.stringify([q, tag, author]))
    .digest('base64url')
    .slice(0, 8);

const ARTICLE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Begins the next page behind a place. It holds nothing that the page did not show. */
export const toCursor = ({ score, articleId }: Place, search: Search) =>
  Buffer.from(JSON.stringify([score, articleId, markOf(search)])).toString('base64url');

/** The place behind which a page begins; undefined where the cursor is not of this search. */
export function toPlace(cursor: string, search: Search): Place | undefined {
  // Longer than any that was given out.
  if (cursor.length > 100) {
    return undefined;
  }
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(values) && values.length === 3 && values[2] === markOf(search)) {
      const [score, articleId] = values as unknown[];
      return Number.isInteger(score) && typeof articleId === 'string' && ARTICLE_ID.test(articleId)
        ? { score: Number(score), articleId }
        : undefined;
    }
  } catch {
    // No JSON: none of ours.
  }
  return undefined;
}
