import MiniSearch from 'minisearch';
import { terms } from './analyzer';

/** BM25 with the constants of OpenSearch 2: https://docs.opensearch.org/2.19/im-plugin/similarity/ */
const K1 = 1.2;
const B = 0.75;

const SEPARATOR = '\u0000';

/** Bits that Lucene keeps of the length of a field: short lengths are exact, longer ones are rounded down. */
const EXACT_LENGTHS = 24;

/** The length of a field as Lucene keeps it, in one byte. */
function keptLength(length: number): number {
  if (length < EXACT_LENGTHS) return length;
  const rest = length - EXACT_LENGTHS;
  const bits = 32 - Math.clz32(rest);
  if (bits < 4) return length;
  const step = 2 ** (bits - 4);
  return EXACT_LENGTHS + Math.floor(rest / step) * step;
}

interface Entry {
  readonly id: number;
  readonly text: string;
}

/**
 * The inverted index of one text field, ranked as Lucene ranks. MiniSearch has the formula and does the counting; it takes
 * the number of different tokens for the length of a field, so that each token is given its position, and all beyond the
 * length that Lucene keeps are in the last one.
 */
export class TextField {
  private readonly search = new MiniSearch<Entry>({
    fields: ['text'],
    tokenize: () => packed(this.words),
    processTerm: (token) => token.split(SEPARATOR).slice(1),
  });

  /** Of the text that is added or removed now. */
  private words: readonly string[] = [];
  private length = 0;
  private lengthKept = 0;

  public add(id: number, text: string): void {
    this.count(text, 1, () => this.search.add({ id, text }));
  }

  /** @param text the same that was added */
  public remove(id: number, text: string): void {
    this.count(text, -1, () => this.search.remove({ id, text }));
  }

  /** Scores by id of the documents that have the term. */
  public scores(term: string): Map<number, number> {
    if (this.length === 0) return new Map();
    // The average length is of the lengths as they are, not as they are kept: put into the constants of the formula.
    const ratio = this.lengthKept / this.length;
    const k = K1 * (1 - B) + K1 * B * ratio;
    const found = this.search.search(term, {
      fields: ['text'],
      tokenize: (text) => [text],
      processTerm: (text) => text,
      prefix: false,
      fuzzy: false,
      bm25: { k, b: (K1 * B * ratio) / k, d: 0 },
    });
    // The formula has `k1 + 1` as a factor. Scores have 32 bits in Lucene, so that what is equal there is equal here.
    return new Map(found.map(({ id, score }) => [id as number, Math.fround((score * (K1 + 1)) / (k + 1))]));
  }

  /** A text without words is as though it were not there, which the number of documents in the formula needs. */
  private count(text: string, sign: 1 | -1, change: () => void): void {
    this.words = terms(text);
    const { length } = this.words;
    if (length === 0) return;
    this.length += sign * length;
    this.lengthKept += sign * keptLength(length);
    change();
  }
}

function packed(words: readonly string[]): string[] {
  const kept = keptLength(words.length);
  if (kept === 0) return [];
  const single = words.slice(0, kept - 1).map((word, index) => `${index}${SEPARATOR}${word}`);
  return [...single, `${kept - 1}${SEPARATOR}${words.slice(kept - 1).join(SEPARATOR)}`];
}
