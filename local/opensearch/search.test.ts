import { ARTICLES, refusal, startDomain, TestDomain } from './testing';

const DOCUMENTS = [
  { articleId: 'a', title: 'one', likes: 3, created: '2026-03-01T00:00:00.000Z', draft: true, tagList: ['x', 'y'] },
  { articleId: 'b', title: 'two', likes: [1, 30], created: 1_775_001_600_000, draft: 'false', tagList: 'x' },
  { articleId: 'c', title: 'three', likes: 12.7, created: '2026-05', tagList: 'a tag of more than twenty letters' },
  { articleId: 'd', title: 'four', likes: '', created: null },
];

describe('searches', () => {
  let domain: TestDomain;

  beforeAll(async () => {
    domain = await startDomain();
    await domain.client.indices.create({ index: 'articles', body: ARTICLES });
    const lines = DOCUMENTS.flatMap((document) => [{ index: { _id: document.articleId } }, document]);
    expect((await domain.client.bulk({ index: 'articles', body: lines })).body.errors).toBe(false);
  });

  afterAll(async () => domain.close());

  async function hits(query: object, more: object = {}): Promise<{ ids: string[]; sort: unknown[] }> {
    const { body } = await domain.client.search({ index: 'articles', body: { query, ...more } as object });
    return {
      ids: body.hits.hits.map(({ _source }) => (_source as { articleId: string }).articleId),
      sort: body.hits.hits.map(({ sort }) => sort),
    };
  }

  // Each of these was seen on OpenSearch 2.19.1.
  it.each<[string, object, string[]]>([
    ['whole numbers equal to a number', { term: { likes: 12 } }, ['c']],
    ['no whole number equal to a part', { term: { likes: 12.7 } }, []],
    ['numbers within bounds that are no whole ones', { range: { likes: { gt: 2.5, lt: 12.5 } } }, ['a', 'c']],
    [
      'one of several numbers within both bounds, not two of them together',
      { range: { likes: { gt: 3, lt: 12 } } },
      [],
    ],
    ['dates within bounds', { range: { created: { gte: '2026-04-01T00:00:00.000Z', lt: 1_777_593_600_000 } } }, ['b']],
    ['truths', { term: { draft: false } }, ['b']],
    ['truths as text', { term: { draft: 'true' } }, ['a']],
    ['no keyword that is longer than its field takes', { exists: { field: 'tagList' } }, ['a', 'b']],
    ['no number where the text is empty', { exists: { field: 'likes' } }, ['a', 'b', 'c']],
    ['no date where it is null', { bool: { must_not: { exists: { field: 'created' } } } }, ['d']],
    [
      'all where a least number is of no clauses',
      { bool: { should: [], minimum_should_match: 1 } },
      ['a', 'b', 'c', 'd'],
    ],
  ])('find %s', async (_, query, ids) => {
    expect((await hits(query, { sort: ['articleId'] })).ids).toEqual(ids);
  });

  it('are sorted by numbers, dates and truths, those without one at the end', async () => {
    const all = { match_all: {} };
    expect((await hits(all, { sort: [{ likes: 'asc' }] })).ids).toEqual(['b', 'a', 'c', 'd']);
    expect((await hits(all, { sort: [{ likes: 'desc' }] })).ids).toEqual(['b', 'c', 'a', 'd']);
    expect((await hits(all, { sort: [{ created: { order: 'desc', missing: '_first' } }] })).ids).toEqual([
      ...['d', 'c', 'b', 'a'],
    ]);
    const { sort } = await hits(all, { sort: ['draft', 'articleId'], size: 3 });
    expect(sort).toEqual([
      [0, 'b'],
      [1, 'a'],
      [2_147_483_647, 'c'],
    ]);
    const after = { sort: ['draft', 'articleId'], search_after: sort[2] };
    expect((await hits(all, after)).ids).toEqual(['d']);
  });

  it('score a rare word more than a frequent one, and a short text more than a long one, as BM25 does', async () => {
    const { body } = await domain.client.search({ index: 'articles', body: { query: { match: { title: 'one' } } } });
    // One of four titles of one word: ln(1 + 3.5 / 1.5).
    expect(body.hits.max_score).toBeCloseTo(Math.log(1 + 3.5 / 1.5), 5);
  });

  it('score a keyword by how rare it is, less where documents have several', async () => {
    const query = { bool: { must: { term: { tagList: 'x' } } } };
    const { body } = await domain.client.search({ index: 'articles', body: { query } });
    // Both of two, with three keywords between them: ln(1 + 0.5 / 2.5) * 2.2 / (1 + 1.2 * (0.25 + 0.75 / 1.5)).
    expect(body.hits.hits.map(({ _score }) => Number(Number(_score).toFixed(5)))).toEqual([0.21111, 0.21111]);
  });

  describe('of long texts', () => {
    const text = (words: number): string => `quasar${' filler'.repeat(words - 1)}`;

    beforeAll(async () => {
      await domain.client.indices.create({ index: 'long', body: ARTICLES });
      for (const words of [39, 40, 41, 42]) {
        await domain.client.index({ index: 'long', id: String(words), body: { body: text(words) } });
      }
    });

    it('tell lengths apart up to forty words, and beyond that by twos', async () => {
      const { body } = await domain.client.search({ index: 'long', body: { query: { match: { body: 'quasar' } } } });
      const scores = new Map(body.hits.hits.map(({ _id, _score }) => [_id, _score]));
      expect(body.hits.hits.map(({ _id }) => _id)).toEqual(['39', '40', '41', '42']);
      expect(scores.get('39')).toBeGreaterThan(Number(scores.get('40')));
      expect(scores.get('41')).toBe(scores.get('40'));
      expect(scores.get('42')).toBeLessThan(Number(scores.get('41')));
    });

    it.each<['simple' | 'span', string]>([
      ['simple', 'quasar filler filler|filler'],
      ['span', 'quasar filler filler filler'],
    ])('cut them by the fragmenter %s', async (fragmenter, fragments) => {
      const body = { body: 'quasar filler filler filler' };
      await domain.client.index({ index: 'long', id: 'cut', body });
      const field = { type: 'plain', fragmenter, fragment_size: 26 } as const;
      const found = await domain.client.search({
        index: 'long',
        body: { query: { match: { body: 'quasar filler' } }, highlight: { fields: { body: field } }, size: 10 },
      });
      const hit = found.body.hits.hits.find(({ _id }) => _id === 'cut');
      const plain = hit?.highlight?.body.map((fragment) => fragment.replace(/<\/?em>/g, '').trim());
      expect(plain?.join('|')).toBe(fragments);
    });
  });

  it.each<[string, object, RegExp]>([
    ['a clause', { query: { fuzzy: { title: 'x' } } }, /unknown query \[fuzzy\]/],
    ['a parameter of a clause', { query: { match: { title: { query: 'x', fuzziness: 1 } } } }, /\[fuzziness\]/],
    ['a type of multi_match', { query: { multi_match: { query: 'x', fields: ['title'], type: 'phrase' } } }, /phrase/],
    ['a pattern of fields', { query: { multi_match: { query: 'x', fields: ['t*'] } } }, /t\*/],
    ['a lookup of terms', { query: { terms: { tagList: { index: 'x', id: '1', path: 'y' } } } }, /lookups/],
    ['a date that is rounded', { query: { range: { created: { lte: '2026-03-01' } } } }, /2026-03-01/],
    ['arithmetic of dates', { query: { range: { created: { gte: 'now-1d' } } } }, /now-1d/],
    ['a format of dates', { query: { range: { created: { gte: 1, format: 'epoch_millis' } } } }, /\[format\]/],
    ['a key of the search', { post_filter: { match_all: {} } }, /\[post_filter\]/],
    ['a sort by other metadata', { sort: ['_seq_no'] }, /\[_seq_no\]/],
    ['an option of a sort', { sort: [{ likes: { mode: 'avg' } }] }, /\[mode\]/],
    ['an aggregation', { aggs: { a: { avg: { field: 'likes' } } } }, /\[avg\]/],
    ['an aggregation below another', { aggs: { a: { terms: { field: 'tagList' }, aggs: {} } } }, /\[aggs\]/],
    ['a facet of numbers', { aggs: { a: { terms: { field: 'likes' } } } }, /\[likes\]/],
    [
      'fragments of a highlighter that picks them otherwise',
      { query: { match: { title: 'one' } }, highlight: { fields: { title: {} } } },
      /\[unified\] into fragments/,
    ],
    [
      'an option of a highlighter',
      { query: { match: { title: 'one' } }, highlight: { fields: { title: { boundary_scanner: 'word' } } } },
      /\[boundary_scanner\]/,
    ],
  ])('refuse by name what is not here: %s', async (_, body, reason) => {
    const said = await refusal(domain.client.search({ index: 'articles', body }));
    expect(said).toMatchObject({ status: 400, reason: expect.stringMatching(reason) as string });
  });
});
