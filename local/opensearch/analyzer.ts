/**
 * The standard analyzer: the words of UAX #29 in lower case, no stop words, words beyond 255 characters in pieces.
 * https://docs.opensearch.org/latest/analyzers/supported-analyzers/standard/
 *
 * `Intl.Segmenter` finds the words. What it does otherwise than Lucene's StandardTokenizer is done by hand: Chinese and
 * Hiragana one character a word (it uses a dictionary), Katakana and the scripts of South-East Asia whole runs, Hangul a
 * word with the Latin letters and digits beside it, and emoji, which Lucene keeps as words. Left over: the versions of
 * Unicode of the two need not be the same.
 */

/** A word with where it stands in the text, in UTF-16 units. */
export interface Token {
  readonly term: string;
  readonly start: number;
  readonly end: number;
}

const LONGEST = 255;

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'word' });

/** Scripts that the segmenter would look up in dictionaries. */
const APART =
  /[\p{sc=Han}\p{sc=Hiragana}]\p{M}*|[\p{sc=Katakana}\u30fc]+(?:_+[\p{sc=Katakana}\u30fc]+)*|[\p{sc=Thai}\p{sc=Lao}\p{sc=Myanmar}\p{sc=Khmer}]+/gu;

/** The segmenter parts it from letters of other scripts, which Lucene does not. */
const HANGUL = /(?=\p{L})\p{sc=Hangul}/gu;

/** Pictures, flags of two letters, and keys as #️⃣; the segmenter takes those with a digit for words. */
const EMOJI = /^(?:\p{Extended_Pictographic}|\p{RI}{2}|[#*]\ufe0f?\u20e3)/u;

/** What the segmenter takes for a word, or has the script of one, and Lucene does not. */
const NO_WORD = /^(?:\p{Pc}+|\u3006)$/u;

/** Letter by letter, as Java does: a Sigma at the end of a word becomes no other letter. */
function lowerCase(word: string): string {
  let lower = '';
  for (const letter of word) lower += letter === '\u0130' ? 'i' : letter.toLowerCase();
  return lower;
}

export function analyze(text: string): Token[] {
  const tokens: Token[] = [];
  let from = 0;
  for (const match of text.matchAll(APART)) {
    addWords(tokens, text.slice(from, match.index), from);
    addWord(tokens, match[0], match.index);
    from = match.index + match[0].length;
  }
  addWords(tokens, text.slice(from), from);
  return tokens;
}

/** The words alone. */
export function terms(text: string): string[] {
  return analyze(text).map(({ term }) => term);
}

/** Characters that the segmenter is given at once: it takes the square of their number. */
const WINDOW = 1_024;
/** Characters at the end of a window in which a word may end otherwise than in the whole text. */
const EDGE = 64;

/** The segments of a text, window by window: each begins where a segment ended, which is all that the rules look back to. */
function* segmentsOf(text: string): Generator<Intl.SegmentData> {
  let size = WINDOW;
  for (let from = 0; from < text.length;) {
    const isLast = from + size >= text.length;
    let next = from;
    for (const found of SEGMENTER.segment(text.slice(from, from + size))) {
      const end = from + found.index + found.segment.length;
      if (!isLast && end > from + size - EDGE) break;
      yield { ...found, index: from + found.index };
      next = end;
    }
    // A word that is longer than the window.
    size = next === from ? size * 2 : WINDOW;
    from = next;
  }
}

function addWords(tokens: Token[], text: string, offset: number): void {
  // Each of them is one UTF-16 unit, as the letter in its place is.
  for (const { segment, index, isWordLike } of segmentsOf(text.replace(HANGUL, 'a'))) {
    if (isWordLike !== true && !EMOJI.test(segment)) continue;
    addWord(tokens, text.slice(index, index + segment.length), offset + index);
  }
}

function addWord(tokens: Token[], word: string, start: number): void {
  if (NO_WORD.test(word)) return;
  for (let at = 0; at < word.length; at += LONGEST) {
    const piece = word.slice(at, at + LONGEST);
    tokens.push({ term: lowerCase(piece), start: start + at, end: start + at + piece.length });
  }
}
