import { analyze } from './analyzer';
import { illegalArgument, NOT_HERE } from './errors';
import { Words } from './matches';
import { isJson, Reader } from './strict';
import { StoredDocument, View } from './view';
import { Json } from '../aws/protocol';

/**
 * Highlighting as the highlighter `plain` does it, whose fragments can be told to the letter: the text is cut where a
 * word ends beyond a multiple of the fragment size, and a fragment is worth the different words of the query in it.
 * https://docs.opensearch.org/latest/search-plugins/searching-data/highlight/#the-plain-highlighter
 * Where the field is one fragment (`number_of_fragments: 0`), `unified` answers the same.
 */

interface FieldOptions {
  readonly type?: string;
  readonly fragmenter?: 'simple' | 'span';
  readonly fragmentSize?: number;
  readonly fragments?: number;
  readonly preTag?: string;
  readonly postTag?: string;
  readonly order?: 'none' | 'score';
  /** How much of a text without a word of the query is shown. */
  readonly noMatchSize?: number;
  /** Whether the words of other fields count. */
  readonly fieldMatch?: boolean;
}

/** What a search wants highlighted. */
export interface Highlight {
  readonly encode: (text: string) => string;
  readonly fields: readonly { readonly name: string; readonly options: FieldOptions }[];
}

const OPTIONS = [
  ...['type', 'fragmenter', 'fragment_size', 'number_of_fragments', 'pre_tags', 'post_tags', 'order'],
  ...['no_match_size', 'require_field_match'],
];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
  '/': '&#x2F;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"'/]/g, (character) => ESCAPES[character] ?? character);
}

/** Reads `highlight` of a search. */
export function parseHighlight(given: Json): Highlight {
  const reader = new Reader(given, 'highlight').only(...OPTIONS, 'fields', 'encoder');
  const common = readOptions(reader);
  const encoder = reader.word('encoder', ['default', 'html'], 'default');
  const fields = Object.entries(reader.object('fields')).map(([name, own]) => {
    if (!isJson(own)) throw illegalArgument(`[highlight] [fields] [${name}] must be an object`);
    if (name.includes('*')) throw illegalArgument(`[highlight] field pattern [${name}] is ${NOT_HERE}`);
    return { name, options: { ...common, ...readOptions(new Reader(own, name).only(...OPTIONS)) } };
  });
  return { encode: encoder === 'html' ? escapeHtml : (text) => text, fields };
}

function readOptions(reader: Reader): FieldOptions {
  const given = <Value>(name: string, read: () => Value): Value | undefined => (reader.has(name) ? read() : undefined);
  const options = {
    type: given('type', () => reader.string('type')),
    fragmenter: given('fragmenter', () => reader.word('fragmenter', ['simple', 'span'] as const, 'span')),
    fragmentSize: given('fragment_size', () => reader.integer('fragment_size', 100, 1)),
    fragments: given('number_of_fragments', () => reader.integer('number_of_fragments', 5)),
    preTag: given('pre_tags', () => reader.strings('pre_tags')[0]),
    postTag: given('post_tags', () => reader.strings('post_tags')[0]),
    order: given('order', () => reader.word('order', ['none', 'score'] as const, 'none')),
    noMatchSize: given('no_match_size', () => reader.integer('no_match_size', 0)),
    fieldMatch: given('require_field_match', () => reader.boolean('require_field_match', true)),
  };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** The fragments by field; a field without a word of the query is not in it. */
export function highlight(wanted: Highlight, words: Words, view: View, document: StoredDocument): Json | undefined {
  const found: Record<string, readonly string[]> = {};
  for (const { name, options } of wanted.fields) {
    const field = view.mapping().fields.get(name);
    checkField(name, field?.type, options);
    const texts = (document.values.get(name) ?? []).map(String);
    const fragments = ofTexts(texts, wordsFor(name, words, options), options, wanted.encode);
    if (fragments.length > 0) found[name] = fragments;
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** @throws SearchError for what cannot be told to the letter */
function checkField(name: string, type: string | undefined, options: FieldOptions): void {
  const { type: highlighter = 'unified', fragments, noMatchSize = 0 } = options;
  if (highlighter !== 'plain' && highlighter !== 'unified') {
    throw illegalArgument(`unknown highlighter type [${highlighter}] for the field [${name}], or ${NOT_HERE}`);
  }
  if (highlighter === 'unified' && (fragments !== 0 || noMatchSize > 0)) {
    const what = fragments === 0 ? 'with [no_match_size]' : 'into fragments';
    throw illegalArgument(
      `[highlight] of field [${name}] by the type [unified] ${what} is ${NOT_HERE}: give it the type [plain], or [number_of_fragments] 0 alone`,
    );
  }
  if (type !== undefined && type !== 'text') {
    throw illegalArgument(`[highlight] of field [${name}] of type [${type}] is ${NOT_HERE}`);
  }
}

type Weights = ReadonlyMap<string, number>;

function wordsFor(name: string, words: Words, { fieldMatch = true }: FieldOptions): Weights {
  if (fieldMatch) return words.get(name) ?? new Map();
  return new Map([...words.values()].flatMap((ofField) => [...ofField]));
}

interface Fragment {
  readonly text: string;
  readonly score: number;
}

function ofTexts(
  texts: readonly string[],
  weights: Weights,
  options: FieldOptions,
  encode: Highlight['encode'],
): readonly string[] {
  const { fragments: most = 5, order, noMatchSize = 0 } = options;
  const found = texts.flatMap((text) => best(fragmentsOf(text, weights, options, encode), most === 0 ? 1 : most));
  if (order === 'score') found.sort((a, b) => b.score - a.score);
  if (found.length > 0) return (most === 0 ? found : found.slice(0, most)).map(({ text }) => text);
  const [first] = texts;
  const beginning = first === undefined ? '' : beginningOf(first, noMatchSize);
  return beginning === '' ? [] : [beginning];
}

/** The fragments that have a word, the best first and those alike in their order. */
function best(fragments: readonly Fragment[], most: number): Fragment[] {
  return fragments
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, most);
}

/** As many whole words as are not longer than that. */
function beginningOf(text: string, most: number): string {
  const end = analyze(text).findLast((token) => token.end <= most)?.end ?? 0;
  return text.slice(0, end);
}

function fragmentsOf(text: string, weights: Weights, options: FieldOptions, encode: Highlight['encode']): Fragment[] {
  const { preTag = '<em>', postTag = '</em>' } = options;
  const fragments: Fragment[] = [];
  const cut = cutter(text, options);
  let current = '';
  let found = new Map<string, number>();
  let written = 0;
  const end = (): void => {
    fragments.push({ text: current, score: [...found.values()].reduce((sum, weight) => sum + weight, 0) });
    current = '';
    found = new Map();
  };
  analyze(text).forEach(({ term, start, end: stop }, index) => {
    // What stands between two words belongs to the fragment of the second.
    if (index > 0 && cut(stop)) end();
    const word = encode(text.slice(start, stop));
    const weight = weights.get(term) ?? 0;
    if (weight > 0) found.set(term, weight);
    current += encode(text.slice(written, start)) + (weight > 0 ? `${preTag}${word}${postTag}` : word);
    written = stop;
  });
  current += encode(text.slice(written));
  end();
  return fragments;
}

/** Whether a word that ends there begins a new fragment. */
function cutter(text: string, options: FieldOptions): (end: number) => boolean {
  const { fragments = 5, fragmentSize = 100, fragmenter = 'span' } = options;
  if (fragments === 0) return () => false;
  let count = 1;
  return (end) => {
    // `span` lets no fragment begin of which less than half is left.
    const rest = fragmenter === 'span' ? text.length - end >= Math.floor(fragmentSize / 2) : true;
    const cuts = end >= fragmentSize * count && rest;
    if (cuts) count += 1;
    return cuts;
  };
}
