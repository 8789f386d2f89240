import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Answer } from './client';
import {
  EXAMPLE,
  newProfile,
  type PersonalisationRun,
  startPersonalisation,
  TEST_PROFILE,
} from './personalisation/world';
import { PERSONALISATION_ENDPOINTS } from '../../src/personalisation-api/contract';
import { INJECTIONS, NO_OBJECT, NO_STRING, UNICODE } from '../support/payloads';

/** The personalisation API over HTTP, with the rights that its roles give. */

jest.setTimeout(60_000);

let run: PersonalisationRun;
beforeAll(async () => {
  run = await startPersonalisation();
}, 120_000);
afterAll(() => run?.close());

const TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/) as string;
const [MORNING] = TEST_PROFILE.segments;
const send: PersonalisationRun['send'] = (...request) => run.send(...request);
const ok = async (method: string, path: string, body?: unknown, status = 200): Promise<Answer> => {
  const answer = await send(method, path, { body });
  expect([answer.request, answer.status, answer.status < 300 ? '' : answer.text]).toEqual([answer.request, status, '']);
  return answer;
};

/** An error in the one shape that all have. @returns what it says */
function refused(answer: Answer, status: number): string {
  expect([answer.request, answer.status, answer.json]).toEqual([
    answer.request,
    status,
    { error: expect.any(String) as string, timestamp: TIME, requestId: expect.stringMatching(/\S/) as string },
  ]);
  return (answer.json as { error: string }).error;
}

describe('docs/personalisation.md', () => {
  const page = readFileSync(join(__dirname, '..', '..', 'docs', 'personalisation.md'), 'utf8');
  const lines = [...page.matchAll(/^```sh\n([^]*?)^```$/gm)]
    .flatMap(([, text]) => text.replaceAll('\\\n', '').split('\n'))
    .filter((line) => line.startsWith('curl '));
  const answers: unknown[] = [];
  let home: string;

  beforeAll(() => {
    // Lines name the port that the page says; where it leads is told to curl beside them.
    home = mkdtempSync(join(tmpdir(), 'personalisation-'));
    const { port } = new URL(run.app.urls[0].url);
    writeFileSync(join(home, '.curlrc'), `connect-to = "localhost:8080:127.0.0.1:${port}"\nsilent\nfail-with-body\n`);
  });
  afterAll(() => rmSync(home, { recursive: true }));

  test('has the lines of the seed', () => {
    expect(lines.length).toBeGreaterThanOrEqual(9);
    for (const path of ['/profile', '/blob', '/segments', '/morning_categories', '/categories', '/topcategories']) {
      expect(lines.filter((line) => line.includes(path)).length).toBeGreaterThan(0);
    }
  });

  test('its lines run as they stand, beside the file that they send', async () => {
    for (const line of lines) {
      const { stdout } = await promisify(execFile)('bash', ['-ec', line], {
        cwd: EXAMPLE,
        env: { ...process.env, CURL_HOME: home },
      });
      answers.push(JSON.parse(stdout));
    }
    const { id, tags } = TEST_PROFILE;
    const segments = [...TEST_PROFILE.segments]
      .sort((one, other) => (one.type < other.type ? -1 : 1))
      .map((segment) => ({ ...segment, created_at: TIME }));
    const morning = { ...MORNING, created_at: TIME };
    const times = { created_at: TIME, updated_at: TIME };
    const versions = TEST_PROFILE.segments.map(({ type }) => ({ type, created_at: TIME }));
    expect(answers).toEqual([
      { id, ...times, segments: versions },
      { id, tags, ...times, segments },
      { id },
      TEST_PROFILE.segments,
      morning,
      MORNING.categories,
      MORNING.top_categories,
      TEST_PROFILE,
      TEST_PROFILE.segments,
      tags,
      { segments: [morning], next_cursor: null },
    ]);
  });
});

describe('a profile', () => {
  test('is 201 when it is made and 200 when it was there, with its entity tag each time', async () => {
    const profile = newProfile();
    const made = await ok('PUT', '/profile', profile, 201);
    const again = await ok('PUT', '/profile', { id: profile.id, tags: ['new'] });
    expect(made.json).toMatchObject({ id: profile.id, created_at: TIME });
    expect((again.json as { created_at: string }).created_at).toBe((made.json as { created_at: string }).created_at);
    expect(again.headers.etag).not.toBe(made.headers.etag);
    const read = await ok('GET', `/profile/${profile.id}`);
    expect(read.headers).toMatchObject({ etag: again.headers.etag, 'cache-control': 'private, no-cache' });
    expect(read.json).toMatchObject({ tags: ['new'], segments: [{}, {}, {}] });
  });

  test('may be sent by an id in upper case, and asked for by it', async () => {
    const profile = newProfile();
    await ok('PUT', '/profile', { ...profile, id: profile.id.toUpperCase() }, 201);
    expect((await ok('GET', `/profile/${profile.id.toUpperCase()}`)).json).toMatchObject({ id: profile.id });
  });

  test('may be sent as it was read', async () => {
    const { id } = (await ok('PUT', '/profile', newProfile(), 201)).json as { id: string };
    const read = await ok('GET', `/profile/${id}`);
    await ok('PUT', '/profile', read.json);
    const { updated_at: _, ...before } = read.json as Record<string, unknown>;
    expect((await ok('GET', `/profile/${id}`)).json).toMatchObject(before);
    expect((await run.items()).filter(({ PK }) => PK === `USER#${id}`)).toHaveLength(4);
  });

  test('is 304 without a body for who has it', async () => {
    const { id } = (await ok('PUT', '/profile', newProfile(), 201)).json as { id: string };
    const { headers } = await ok('GET', `/profile/${id}`);
    const known = await send('GET', `/profile/${id}`, { headers: { 'if-none-match': String(headers.etag) } });
    expect([known.status, known.text, known.headers.etag]).toEqual([304, '', headers.etag]);
  });

  test('is compressed for who takes it', async () => {
    const tags = Array.from({ length: 200 }, (_, at) => `tag ${at}`);
    const { id } = (await ok('PUT', '/profile', { tags }, 201)).json as { id: string };
    const answer = await send('GET', `/profile/${id}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(answer.headers).toMatchObject({
      'content-encoding': 'gzip',
      vary: expect.stringContaining('accept-encoding') as string,
    });
    expect(Number(answer.headers['content-length'])).toBeLessThan(1500);
  });

  test('has all versions in pages', async () => {
    const { id } = (await ok('PUT', '/profile', newProfile({ tags: ['t'] }), 201)).json as { id: string };
    await ok('PUT', '/profile', newProfile({ id, tags: ['t'] }));
    const first = await ok('GET', `/profile/${id}?versions=all&limit=4`);
    const { next_cursor: cursor } = first.json as { next_cursor: string };
    const second = await ok('GET', `/profile/${id}?versions=all&limit=4&cursor=${cursor}`);
    const segments = [first, second].flatMap(
      ({ json }) => (json as { segments: { type: string; created_at: string }[] }).segments,
    );
    expect(new Set(segments.map(({ type, created_at: at }) => `${type} ${at}`)).size).toBe(6);
    expect(second.json).toMatchObject({ id, tags: ['t'], next_cursor: null });
    expect((await ok('GET', `/profile/${id}?versions=latest`)).json).toMatchObject({ segments: [{}, {}, {}] });
  });

  test('and a blob of the same id are deleted each alone', async () => {
    const profile = newProfile();
    await ok('PUT', '/profile', profile, 201);
    await ok('PUT', '/blob', profile, 201);
    await ok('DELETE', `/profile/${profile.id}`, undefined, 204);
    refused(await send('GET', `/profile/${profile.id}`), 404);
    expect((await ok('GET', `/blob/${profile.id}`)).json).toEqual(profile);
    await ok('DELETE', `/blob/${profile.id}`, undefined, 204);
    expect((await run.items()).filter(({ PK }) => PK === `USER#${profile.id}`)).toEqual([]);
    refused(await send('DELETE', `/profile/${profile.id}`), 404);
    refused(await send('DELETE', `/blob/${profile.id}`), 404);
  });
});

describe('a segment', () => {
  test('is found by its version and by a time', async () => {
    const { id } = (await ok('PUT', '/profile', newProfile(), 201)).json as { id: string };
    const path = `/profile/${id}/segment/morning_categories`;
    const old = (await ok('GET', path)).json as { created_at: string };
    await ok('PUT', '/profile', { id, segments: [{ ...MORNING, top_categories: ['new'] }] });
    const latest = (await ok('GET', path)).json as { created_at: string };
    expect(latest).toMatchObject({ top_categories: ['new'] });
    expect((await ok('GET', `${path}?createdAt=${old.created_at}`)).json).toEqual(old);
    expect((await ok('GET', `${path}?asOf=${old.created_at}`)).json).toEqual(old);
    expect((await ok('GET', `${path}?createdAt=${latest.created_at.slice(0, 19)}Z`)).json).toEqual(latest);
    expect((await ok('GET', `${path}/versions`)).json).toEqual({ segments: [latest, old], next_cursor: null });
    expect((await ok('GET', `${path}/topcategories`)).json).toEqual(['new']);
    refused(await send('GET', `${path}?createdAt=2020-01-01T00:00:00Z`), 404);
  });

  test.each([
    'createdAt=yesterday',
    'createdAt=2026-02-30T00:00:00Z',
    'createdAt=2026-01-01T00:00:00%2B01:00',
    'createdAt=2026-01-01T00:00:00.0000Z',
    'asOf=',
    'asOf=1719403200',
    'createdAt=2026-01-01T00:00:00Z&asOf=2026-01-01T00:00:00Z',
    'created_at=2026-01-01T00:00:00Z',
  ])('is not asked for with %s', async (query) => {
    refused(await send('GET', `/profile/${TEST_PROFILE.id}/segment/morning_categories?${query}`), 400);
  });
});

describe('two writers', () => {
  test.each(['profile', 'blob'])(
    'of one %s: who says which version they have read learns of the other',
    async (kind) => {
      const profile = newProfile();
      const { headers } = await ok('PUT', `/${kind}`, profile, 201);
      const first = String(headers.etag);
      const write = (tag: string, tags: string[]) =>
        send('PUT', `/${kind}`, { body: { ...profile, tags }, headers: { 'if-match': tag } });
      const statuses = await Promise.all(
        [write(first, ['a']), write(first, ['b'])].map(async (one) => (await one).status),
      );
      expect(statuses.sort()).toEqual([200, 412]);
      refused(await write(first, ['c']), 412);
      refused(await write(`W/${first}`, ['c']), 412);
      refused(await send('DELETE', `/${kind}/${profile.id}`, { headers: { 'if-match': first } }), 412);
      refused(await send('PUT', `/${kind}`, { body: newProfile(), headers: { 'if-match': '*' } }), 412);
      const { headers: now } = await ok('GET', `/${kind}/${profile.id}`);
      expect((await write(`"other", ${String(now.etag)}`, ['d'])).status).toBe(200);
      expect((await write('*', ['e'])).status).toBe(200);
      expect((await ok('GET', `/${kind}/${profile.id}`)).json).toMatchObject({ tags: ['e'] });
    },
  );
});

describe('the faults of the original', () => {
  test('the latest segment, its categories and its top categories are found, and what is not there is 404', async () => {
    const { id } = (await ok('PUT', '/profile', newProfile(), 201)).json as { id: string };
    for (const part of ['', '/categories', '/topcategories', '/tags', '/versions']) {
      await ok('GET', `/profile/${id}/segment/morning_categories${part}`);
      refused(await send('GET', `/profile/${id}/segment/noon_categories${part}`), 404);
      refused(await send('GET', `/profile/${randomUUID()}/segment/morning_categories${part}`), 404);
      refused(await send('GET', `/profile/no-id/segment/morning_categories${part}`), 404);
    }
    for (const path of ['/profile/', '/blob/']) {
      refused(await send('GET', `${path}${randomUUID()}`), 404);
      refused(await send('GET', `${path}no-id`), 404);
    }
    refused(await send('GET', `/blob/${randomUUID()}/segments`), 404);
    refused(await send('GET', `/profile/${randomUUID()}/tags`), 404);
  });

  test('a blob is the JSON that was sent, and no text in it', async () => {
    const blob = newProfile({ more: { nested: [1, null, 'ü'] } });
    await ok('PUT', '/blob', blob, 201);
    await ok('PUT', '/profile', { id: blob.id }, 201);
    expect((await ok('GET', `/blob/${blob.id}`)).json).toEqual(blob);
    expect((await ok('GET', `/profile/${blob.id}`)).json).toMatchObject({ segments: [] });
  });

  test('top categories keep their order, and what is kept has an end', async () => {
    const ranking = ['z', 'a', 'm', 'b'];
    const { id } = (await ok('PUT', '/profile', { segments: [{ ...MORNING, top_categories: ranking }] }, 201)).json as {
      id: string;
    };
    expect((await ok('GET', `/profile/${id}/segment/morning_categories/topcategories`)).json).toEqual(ranking);
    const items = (await run.items()).filter(({ PK }) => PK === `USER#${id}`);
    const days = items.map(({ typ, expiresAt }) => [
      typ,
      Math.round((Number(expiresAt) * 1000 - Date.now()) / 86_400_000),
    ]);
    expect(Object.fromEntries(days)).toEqual({ USER: 365, SEG: 183 });
    const table = run.app.resources.find(({ type }) => type === 'AWS::DynamoDB::Table');
    expect(table?.properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });
});

describe('bad input', () => {
  let before: number;
  beforeAll(async () => {
    before = (await run.items()).length;
  });
  afterAll(async () => {
    expect(await run.items()).toHaveLength(before);
  });
  const profile = (more: object) => ({ id: randomUUID(), ...more });
  const segment = (more: object) => profile({ segments: [{ ...MORNING, ...more }] });

  test.each(['/profile', '/blob'])('that is no JSON object is 400 at %s', async (path) => {
    // What the list has of other APIs' wrappers is an object like any other, and a blob may be any.
    const wrong = NO_OBJECT.filter(([, raw]) => !raw.startsWith('{') || raw.startsWith('{"user": {"email'));
    expect(wrong.length).toBeGreaterThan(10);
    for (const [, raw] of wrong) refused(await send('PUT', path, { raw }), 400);
  });

  test.each<[string, (value: unknown) => object]>([
    ['id', (id) => ({ id })],
    ['tags.0', (value) => profile({ tags: [value] })],
    ['segments.0.type', (type) => segment({ type })],
    ['segments.0.categories.0.id', (id) => segment({ categories: [{ id, score: 1 }] })],
    ['segments.0.top_categories.0', (value) => segment({ top_categories: [value] })],
    ['segments.0.created_at', (value) => segment({ created_at: value })],
  ])('%s is a text', async (field, body) => {
    for (const value of [...NO_STRING, '', ' \n', '\ud800']) {
      expect(refused(await send('PUT', '/profile', { body: body(value) }), 400)).toContain(`${field} `);
    }
  });

  test.each<[string, unknown, string]>([
    ['a wrong id', { id: '473b82fb' }, 'id must be a UUID'],
    ['an unknown name', profile({ segment: [] }), 'segment is not known'],
    ['tags that are no list', profile({ tags: 'a' }), 'tags must be a list of tags'],
    ['too many tags', profile({ tags: Array(201).fill('a') }), 'maximum is 200, got 201'],
    ['a tag too long', profile({ tags: ['x'.repeat(201)] }), 'maximum is 200 characters, got 201'],
    ['a tag with a control character', profile({ tags: ['a\u0000b'] }), 'must not contain control characters'],
    ['segments that are no list', profile({ segments: {} }), 'segments must be a list of segments'],
    ['too many segments', profile({ segments: Array(100).fill(MORNING) }), 'maximum is 99, got 100'],
    ['a type twice without times', profile({ segments: [MORNING, MORNING] }), 'must not have a type twice'],
    [
      'a type twice, one without a time',
      profile({ segments: [MORNING, { ...MORNING, created_at: new Date().toISOString() }] }),
      'must not have a type twice',
    ],
    [
      'a type twice of one time',
      profile({ segments: ['.000Z', 'Z'].map((end) => ({ ...MORNING, created_at: `2026-11-01T00:00:00${end}` })) }),
      'must not have a type twice',
    ],
    ['a type too long', segment({ type: 'x'.repeat(101) }), 'maximum is 100 characters, got 101'],
    ['a score that is no number', segment({ categories: [{ id: 'a', score: '1' }] }), 'score must be a number'],
    ['no score', segment({ categories: [{ id: 'a' }] }), 'score is required'],
    ['a score beyond what is exact', segment({ categories: [{ id: 'a', score: 2 ** 53 }] }), 'score must be from'],
    ['a category that is none', segment({ categories: ['politics'] }), 'categories.0 must be a JSON object'],
    ['a time of long ago', segment({ created_at: '2020-01-01T00:00:00Z' }), 'longer ago than segments are kept'],
    ['a time to come', segment({ created_at: '2126-01-01T00:00:00Z' }), 'must not be in the future'],
    ['a day that is none', segment({ created_at: '2026-02-30T00:00:00Z' }), 'must be a time that exists'],
    ['an infinite score', '{"segments":[{"type":"a","categories":[{"id":"a","score":1e999}]}]}', 'score must be from'],
  ])('%s is 400', async (_, body, message) => {
    const answer = await send('PUT', '/profile', typeof body === 'string' ? { raw: body } : { body });
    expect(refused(answer, 400)).toContain(message);
  });

  test.each<[string, string]>([
    ['a wrong id', '{"id":5}'],
    ['a name that is empty', '{"a":{"":1}}'],
    ['the name __proto__', '{"a":{"__proto__":{"x":1}}}'],
    ['the name __proto__ at its top', '{"__proto__":{"x":1}}'],
    ['a number beyond what is exact', '{"a":12345678901234567890}'],
    ['half a character', '{"a":"\\ud800"}'],
    ['33 levels', `{"a":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['100,000 levels', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ])('a blob with %s is 400', async (_, raw) => {
    refused(await send('PUT', '/blob', { raw }), 400);
  });

  test('1 MB is 413 with its size, and does not fit DynamoDB', async () => {
    const big = 'x'.repeat(1_000_000);
    const blob = await send('PUT', '/blob', { body: profile({ big }) });
    expect(refused(blob, 413)).toMatch(/would take 1000\d{3} bytes, of at most 409600/);
    const categories = Array.from({ length: 30_000 }, (_, at) => ({ id: `category ${at}`, score: at }));
    expect(refused(await send('PUT', '/profile', { body: segment({ categories }) }), 413)).toMatch(
      /would take \d+ bytes/,
    );
  });

  test('text that is dangerous to others is in a path what is not there, and in a query 400', async () => {
    for (const text of INJECTIONS) {
      const part = encodeURIComponent(text).replaceAll('.', '%2e');
      for (const path of [`/profile/${part}`, `/blob/${part}`, `/profile/${TEST_PROFILE.id}/segment/${part}`]) {
        refused(await send('GET', path), 404);
      }
      refused(await send('GET', `/profile/${TEST_PROFILE.id}?versions=all&cursor=${part}`), 400);
      refused(await send('GET', `/profile/${TEST_PROFILE.id}?versions=${part}`), 400);
    }
  });

  test.each([
    'limit=0',
    'limit=101',
    'limit=1.5',
    'limit=1&limit=2',
    'cursor=x',
    `cursor=${'A'.repeat(401)}`,
    'page=1',
    'versions=all&limit=x',
  ])('versions are not listed by %.30s', async (query) => {
    const path = `/profile/${TEST_PROFILE.id}`;
    refused(await send('GET', `${path}?${query.startsWith('versions') ? query : `versions=all&${query}`}`), 400);
    if (!query.startsWith('versions')) {
      refused(await send('GET', `${path}/segment/morning_categories/versions?${query}`), 400);
    }
  });

  test('a method that a path does not know is 405, a path that is not there 404', async () => {
    for (const { path, method } of Object.values(PERSONALISATION_ENDPOINTS)) {
      const answer = await send('POST', path.replace(/\{\w+\}/g, 'x'));
      refused(answer, 405);
      expect(answer.headers.allow).toContain(method);
    }
    refused(await send('GET', '/nothing'), 404);
  });
});

test('text of any kind is kept as it is, where it is text', async () => {
  const texts = [...INJECTIONS, ...UNICODE.map(([, text]) => text)].filter(
    (text) => /^[^\u0000-\u001f\u007f]{1,200}$/.test(text) && text.trim() !== '',
  );
  expect(texts.length).toBeGreaterThan(40);
  const segments = [{ type: 'a', categories: texts.map((id) => ({ id, score: 0 })), top_categories: texts }];
  const { id } = (await ok('PUT', '/profile', { tags: texts, segments }, 201)).json as { id: string };
  expect((await ok('GET', `/profile/${id}`)).json).toMatchObject({ tags: texts, segments });
  const blob = {
    id,
    texts,
    ...Object.fromEntries(texts.filter((text) => text !== '__proto__').map((text) => [`${text}.`, text])),
  };
  await ok('PUT', '/blob', blob, 201);
  expect((await ok('GET', `/blob/${id}`)).json).toEqual(blob);
});
