import { readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { type Answer, answerOf, pagesOf } from './answer';
import { DOCUMENTS, INDEX } from './documents';
import { PAGED, QUERIES, type Query } from './queries';
import { type SearchService, succeed, uniqueName } from './service';

const FILE = path.join(__dirname, 'answers.json');
type Answers = Record<string, Record<string, Answer>>;

/** A line an answer. */
function written(answers: Answers): string {
  const groups = Object.entries(answers).map(([group, ofGroup]) => {
    const lines = Object.entries(ofGroup).map(([name, answer]) => `${JSON.stringify(name)}: ${JSON.stringify(answer)}`);
    return `${JSON.stringify(group)}: {\n${lines.join(',\n')}\n}`;
  });
  return `{\n${groups.join(',\n')}\n}\n`;
}

/** What is written down by hand of the answer. */
function expectSaid({ hits, total, highlights, facets, refused }: Query, answer: Answer): void {
  if (refused) expect([answer.status, answer.error?.type]).toEqual(refused);
  else expect(answer).toMatchObject({ status: 200 });
  if (hits) expect(answer.hits?.map(({ article }) => article)).toEqual(hits);
  if (total !== undefined) expect(answer.total).toEqual({ value: total, relation: 'eq' });
  for (const [article, fragments] of Object.entries(highlights ?? {})) {
    expect(answer.hits?.find((hit) => hit.article === Number(article))?.highlight).toEqual(fragments);
  }
  for (const [name, buckets] of Object.entries(facets ?? {})) expect(answer.facets?.[name]?.buckets).toEqual(buckets);
}

/**
 * Tests of what a service answers to searches: all of `answers.json`, which a real one has written, so that the embedded
 * subset is held to the same without one.
 *
 * @param update whether the answers are written anew, and only what is written down by hand is looked at
 */
export function describeQueries(find: () => SearchService, update = false): void {
  let recorded: Answers;
  const answers: Answers = {};
  let service: SearchService;
  let index: string;

  beforeAll(async () => {
    // Not before: a suite ahead of this one may have written it.
    recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Answers;
    service = find();
    index = uniqueName('queries');
    await succeed(service, 'PUT', index, INDEX);
    const lines = DOCUMENTS.flatMap((document) => [{ index: { _id: document.articleId } }, document]);
    const { errors } = await succeed<{ errors: boolean }>(service, 'POST', `${index}/_bulk?refresh=true`, lines);
    expect(errors).toBe(false);
  });

  afterAll(async () => {
    await succeed(service, 'DELETE', index);
    if (update) writeFileSync(FILE, written(answers));
  });

  describe.each(Object.entries(QUERIES))('%s', (group, queries) => {
    test.each(queries.map((query) => [query.name, query] as const))('%s', async (name, query) => {
      const answer = await answerOf(service, index, query.body);
      (answers[group] ??= {})[name] = answer;
      if (!update) expect(answer).toEqual(recorded[group]?.[name]);
      expectSaid(query, answer);
    });
  });

  test('there is no answer written down to what is not asked', () => {
    const names = (groups: Readonly<Record<string, object>>) =>
      Object.entries(groups).flatMap(([group, answered]) => Object.keys(answered).map((name) => `${group}: ${name}`));
    expect(names(update ? answers : recorded)).toEqual(names(answers));
  });

  describe('pages to the end', () => {
    test.each(PAGED)('$name', async ({ body, all }) => {
      const pages = await pagesOf(service, index, body);
      expect(pages.flat()).toEqual(all);
      const { size } = body as { size: number };
      expect(pages.map(({ length }) => length)).toEqual([
        ...Array<number>(Math.floor(all.length / size)).fill(size),
        ...(all.length % size === 0 ? [] : [all.length % size]),
        0,
      ]);
    });
  });
}
