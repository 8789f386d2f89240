import { TEXTS_LENGTH, TEXTS_READ } from './limits';
import type { ArticleRef } from './model';
import type { RecentArticle } from './recent';
import { type Highlights, highlightsOf, scoreOf, type SearchedText } from './words';

/** What a search finds of articles whose text is read, without an index. */

/** An article as it is searched. */
export interface ArticleText extends ArticleRef, SearchedText {}

/** Which articles are wanted. */
export interface SearchFilters {
  /** Different words in lower case, all of which an article has. */
  readonly words: readonly string[];
  readonly tag?: string;
  readonly authorId?: string;
}

/** A place in the order of what a search finds: the best first, and of equal ones the newest. */
export interface Place {
  readonly score: number;
  readonly articleId: string;
}

/** An article that was found. */
export interface Found extends ArticleRef, Place {
  readonly highlights: Highlights;
}

/** How often a tag is among what was found. */
export interface TagCount {
  readonly tag: string;
  readonly count: number;
}

/** Characters of an article whose length is not known. */
const USUAL_LENGTH = 8_000;

type Identified = Pick<ArticleRef, 'articleId'>;
export const byId = (a: Identified, b: Identified) =>
  a.articleId === b.articleId ? 0 : a.articleId < b.articleId ? 1 : -1;
export const byPlace = (a: Place, b: Place) => b.score - a.score || byId(a, b);

/** Behind a place in the order; everything where there is none. */
export const isAfter = (after: Place | undefined) => (place: Place) => after === undefined || byPlace(after, place) < 0;

/** Counts with those of further articles, the most frequent first. */
export function sumUp(counts: readonly TagCount[], tagLists: readonly (readonly string[])[], max: number): TagCount[] {
  const sums = new Map(counts.map(({ tag, count }) => [tag, count]));
  for (const tag of tagLists.flat()) {
    sums.set(tag, (sums.get(tag) ?? 0) + 1);
  }
  return [...sums]
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .slice(0, max)
    .map(([tag, count]) => ({ tag, count }));
}

/** The first of some articles, the viewer's own before others: their texts are read. */
export function toRead(all: readonly RecentArticle[], viewerId: string | undefined): ArticleRef[] {
  const isOwn = ({ authorId }: ArticleRef) => authorId === viewerId;
  const read: ArticleRef[] = [];
  let length = 0;
  for (const row of [...all.filter(isOwn), ...all.filter((one) => !isOwn(one))]) {
    length += row.bodyLength ?? USUAL_LENGTH;
    if (read.length === TEXTS_READ || (length > TEXTS_LENGTH && read.length > 0)) {
      break;
    }
    read.push(row);
  }
  return read;
}

/** Those of some articles that a search finds, in its order, and what tags they have. */
interface Matches {
  readonly found: readonly Found[];
  readonly tagLists: readonly (readonly string[])[];
}

export function matching(texts: readonly ArticleText[], { words, tag, authorId }: SearchFilters): Matches {
  const matches = texts
    .filter(
      (text) => (tag === undefined || text.tagList.includes(tag)) && [undefined, text.authorId].includes(authorId),
    )
    .flatMap((text): { found: Found; tagList: readonly string[] }[] => {
      const score = scoreOf(words, text);
      if (score === undefined) {
        return [];
      }
      const { articleId, authorId: by, tagList } = text;
      return [{ tagList, found: { articleId, authorId: by, score, highlights: highlightsOf(words, text) } }];
    });
  return { found: matches.map(({ found }) => found).sort(byPlace), tagLists: matches.map(({ tagList }) => tagList) };
}
