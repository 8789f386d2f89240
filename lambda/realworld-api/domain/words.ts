/**
 * The words of a text, as OpenSearch's standard analyzer finds them: those of UAX #29 in lower case, Chinese and Hiragana
 * a character each. What the index has yet to know is matched by these; the rest is matched by the index.
 *
 * @see https://docs.opensearch.org/latest/analyzers/supported-analyzers/standard/
 */

/** A word with where it stands in its text, in UTF-16 units. */
interface Word {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

let known: Intl.Segmenter | undefined;

/** Made when it is needed: it takes a tenth of a cold start. */
const segmenter = () => (known ??= new Intl.Segmenter('en', { granularity: 'word' }));

/** What most people search for: of this, words are what is between spaces. */
const PLAIN = /^[A-Za-z0-9 ]*$/;

/**
 * The words of a text that has nothing but ASCII, by the rules of UAX #29 that are about it (WB5 to WB13b): most texts have
 * no other, and the segmenter with all that it knows of scripts takes a fifth of a cold search.
 *
 * @see https://www.unicode.org/reports/tr29/#Word_Boundary_Rules
 */
const ASCII = /^\p{ASCII}*$/u;
const ASCII_WORD = /\w(?:\w|(?<=[A-Za-z])[.':](?=[A-Za-z])|(?<=\d)[.',;](?=\d))*/g;

/** Scripts without spaces, of which the segmenter has dictionaries and the analyzer has none. */
const APART =
  /[\p{sc=Han}\p{sc=Hiragana}]\p{M}*|[\p{sc=Katakana}\u30fc]+|[\p{sc=Thai}\p{sc=Lao}\p{sc=Myanmar}\p{sc=Khmer}]+/gu;

const HANGUL = /(?=\p{L})\p{sc=Hangul}/gu;
const PICTURE = /^(?:\p{Extended_Pictographic}|\p{RI}{2}|[#*]\ufe0f?\u20e3)/u;
const NO_WORD = /^(?:\p{Pc}+|\u3006)$/u;

/** Letter by letter: at the end of a word the whole of it would become something else. */
function lowerCase(text: string): string {
  let lower = '';
  for (const letter of text) lower += letter === '\u0130' ? 'i' : letter.toLowerCase();
  return lower;
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
    for (const piece of segmenter().segment(text.slice(from, from + size))) {
      const end = from + piece.index + piece.segment.length;
      if (!isLast && end > from + size - EDGE) {
        break;
      }
      yield { ...piece, index: from + piece.index };
      next = end;
    }
    // A word that is longer than the window.
    size = next === from ? size * 2 : WINDOW;
    from = next;
  }
}

function segments(text: string, offset: number): Word[] {
  const all: Word[] = [];
  // The segmenter parts Hangul from the letters beside it, which the analyzer does not.
  for (const { segment, index, isWordLike } of segmentsOf(text.replace(HANGUL, 'a'))) {
    const own = text.slice(index, index + segment.length);
    if ((isWordLike || PICTURE.test(own)) && !NO_WORD.test(own)) {
      all.push({ word: lowerCase(own), start: offset + index, end: offset + index + own.length });
    }
  }
  return all;
}

const asciiWords = (text: string): Word[] =>
  [...text.matchAll(ASCII_WORD)].flatMap(({ 0: word, index }) =>
    NO_WORD.test(word) ? [] : [{ word: word.toLowerCase(), start: index, end: index + word.length }],
  );

function analyze(text: string): Word[] {
  if (ASCII.test(text)) {
    return asciiWords(text);
  }
  const all: Word[] = [];
  let from = 0;
  for (const { 0: run, index } of text.matchAll(APART)) {
    all.push(...segments(text.slice(from, index), from));
    all.push({ word: lowerCase(run), start: index, end: index + run.length });
    from = index + run.length;
  }
  all.push(...segments(text.slice(from), from));
  return all;
}

/** The different words of a text, in their order. */
export function wordsOf(text: string): string[] {
  const all = PLAIN.test(text)
    ? text
        .toLowerCase()
        .split(' ')
        .filter((word) => word !== '')
    : analyze(text).map(({ word }) => word);
  return [...new Set(all)];
}

/** What of an article is searched. */
export interface SearchedText {
  readonly title: string;
  readonly description: string;
  readonly body: string;
  readonly tagList: readonly string[];
}

/**
 * What a word counts, by where it is: sums of these are different for every combination, and whole numbers, so that the
 * index and this module come to the same. A tag is one word or none.
 */
export const WEIGHTS = { title: 16, tagList: 8, description: 4, body: 1 } as const;

/** Lower case for a rough look, alike for all that `lowerCase` makes alike. */
const lettersOf = (text: string) => text.replaceAll('\u0130', 'i').toLowerCase().replaceAll('ς', 'σ');

/** How well an article has all of these words; undefined where it lacks one. */
export function scoreOf(words: readonly string[], { title, description, body, tagList }: SearchedText) {
  // What is not even among its letters need not be taken apart: of most texts that is all.
  const letters = lettersOf([title, description, body, ...tagList].join('\n'));
  if (!words.every((word) => letters.includes(lettersOf(word)))) {
    return undefined;
  }
  const places = [
    { weight: WEIGHTS.title, has: new Set(wordsOf(title)) },
    { weight: WEIGHTS.description, has: new Set(wordsOf(description)) },
    { weight: WEIGHTS.body, has: new Set(wordsOf(body)) },
    { weight: WEIGHTS.tagList, has: new Set(tagList) },
  ];
  let score = 0;
  for (const word of words) {
    const weight = places.reduce((sum, place) => sum + (place.has.has(word) ? place.weight : 0), 0);
    if (weight === 0) {
      return undefined;
    }
    score += weight;
  }
  return score;
}

/** Parts of an article with the words in `<em>`, everything else as HTML that shows it. */
export interface Highlights {
  readonly title?: string;
  readonly description?: string;
  /** The first places in the body. */
  readonly body?: readonly string[];
}

/** About as long is a fragment of a body, in characters. */
export const FRAGMENT = 150;
/** Fragments of a body at most. */
export const FRAGMENTS = 2;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '/': '&#x2F;',
};
const escape = (text: string) => text.replace(/[&<>"'/]/g, (character) => ESCAPES[character] ?? character);

function mark(text: string, words: readonly Word[], from: number, to: number): string {
  let marked = '';
  let at = from;
  for (const { start, end } of words) {
    marked += `${escape(text.slice(at, start))}<em>${escape(text.slice(start, end))}</em>`;
    at = end;
  }
  return marked + escape(text.slice(at, to));
}

function found(text: string, wanted: ReadonlySet<string>): Word[] {
  return analyze(text).filter(({ word }) => wanted.has(word));
}

function whole(text: string, wanted: ReadonlySet<string>): string | undefined {
  const words = found(text, wanted);
  return words.length === 0 ? undefined : mark(text, words, 0, text.length);
}

/** Pieces of about one length, cut where words end; those with a word of the query. */
function fragments(text: string, wanted: ReadonlySet<string>): string[] | undefined {
  const all = analyze(text);
  const pieces: { from: number; to: number; words: Word[] }[] = [];
  let piece = { from: 0, to: text.length, words: [] as Word[] };
  for (const word of all) {
    if (word.end > piece.from + FRAGMENT && word.start > piece.from) {
      pieces.push({ ...piece, to: word.start });
      piece = { from: word.start, to: text.length, words: [] };
    }
    if (wanted.has(word.word)) {
      piece.words.push(word);
    }
  }
  const shown = [...pieces, piece].filter(({ words }) => words.length > 0).slice(0, FRAGMENTS);
  return shown.length === 0 ? undefined : shown.map(({ from, to, words }) => mark(text, words, from, to).trim());
}

/** Where an article has these words. */
export function highlightsOf(words: readonly string[], { title, description, body }: SearchedText): Highlights {
  const wanted = new Set(words);
  return {
    title: whole(title, wanted),
    description: whole(description, wanted),
    body: fragments(body, wanted),
  };
}
