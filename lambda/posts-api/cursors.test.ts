import * as path from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { startTestEngine, type TestEngine, type TestTables } from '../../test/support/engine';
import { CONTEXT, type RequestSample, restEvent } from '../../test/support/events';
import { setEnvironment } from '../../test/support/function-environment';
import { postIdOf, tagIdOf } from '../../test/support/post-samples';
import { RandomPosts } from '../../test/support/random-posts';
import { sampled } from '../../test/support/scope';
import { seeded } from '../../test/support/seeded';
import { type CursorBinding, encodeCursor } from '../core/cursor';

/** Cursors that are not what the API gave, at the functions themselves. */

let engine: TestEngine;
let tables: TestTables;
let world: RandomPosts;
let lists: readonly List[];
const handlers = new Map<string, unknown>();

interface List {
  readonly folder: string;
  readonly sample: RequestSample;
  /** What its cursors are bound to. */
  readonly binding: (userId: string) => CursorBinding;
}

beforeAll(async () => {
  engine = await startTestEngine();
  tables = await engine.tables();
  setEnvironment({
    AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
    TABLE_NAME: tables.social,
  });
  for (const folder of ['get-posts', 'get-user-posts', 'get-tag-posts', 'get-tags']) {
    handlers.set(folder, jest.requireActual<{ handler: unknown }>(path.join(__dirname, folder, 'index.ts')).handler);
  }
  world = new RandomPosts(seeded(7));
  for (let count = 0; count < 8; count++) world.makeTag();
  for (let count = 0; count < 60; count++) world.publish();
  await world.store(tables);
  const tag = [...world.tags.values()].find(({ accessType }) => accessType === 'public')?.tagId ?? '';
  const [, owner] = world.users;
  lists = [
    ...['public', 'mine', 'shared', 'all'].map((scope) => ({
      folder: 'get-posts',
      sample: { query: { scope } },
      binding: (userId: string) => ['GetPosts', userId, scope, undefined],
    })),
    {
      folder: 'get-posts',
      sample: { query: { scope: 'all', tag } },
      binding: (userId) => ['GetPosts', userId, 'all', tag],
    },
    {
      folder: 'get-tag-posts',
      sample: { path: { tagId: tag } },
      binding: (userId) => ['GetTagPosts', userId, tag],
    },
    {
      folder: 'get-user-posts',
      sample: { path: { userId: owner } },
      binding: (userId) => ['GetUserPosts', userId, owner],
    },
    ...['all', 'mine', 'public'].map((scope) => ({
      folder: 'get-tags',
      sample: { query: { scope } },
      binding: (userId: string) => ['GetTags', userId, scope],
    })),
  ];
}, 60_000);
afterAll(() => engine.close());

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

interface Answer {
  readonly posts?: readonly { post_id: string }[];
  readonly tags?: readonly { tag_id: string }[];
  readonly next_cursor?: string | null;
  readonly error?: { code: string; fields?: object };
}

async function ask(list: List, userId: string, query: Readonly<Record<string, string>>) {
  const event = restEvent({ ...list.sample, query: { ...list.sample.query, ...query } });
  Object.assign(event.requestContext, { authorizer: { userId, username: 'somebody', credential: 'jwt' } });
  const { statusCode, body } = await (handlers.get(list.folder) as Handler)(event, CONTEXT);
  const json = JSON.parse(body ?? '') as Answer;
  const ids = [...(json.posts ?? []).map(({ post_id: id }) => id), ...(json.tags ?? []).map(({ tag_id: id }) => id)];
  return { status: statusCode, json, ids };
}

const wholeOf = async (list: List, userId: string) => (await ask(list, userId, { limit: '100' })).ids;
const REFUSED = {
  status: 400,
  json: { error: { code: 'invalid_request', message: expect.any(String), fields: { cursor: [expect.any(String)] } } },
  ids: [],
};

/** The cursor behind the first row of a list. */
async function cursorOf(list: List, userId: string): Promise<string> {
  const { json } = await ask(list, userId, { limit: '1' });
  expect([list.folder, list.sample, json.next_cursor]).toEqual([list.folder, list.sample, expect.any(String)]);
  return json.next_cursor ?? '';
}

test('the API’s own cursors lead on, whatever the size of the page', async () => {
  for (const list of lists) {
    const [userId] = world.users;
    const whole = await wholeOf(list, userId);
    const cursor = await cursorOf(list, userId);
    for (const limit of ['1', '2', '100']) {
      expect((await ask(list, userId, { limit, cursor })).ids).toEqual(whole.slice(1, 1 + Number(limit)));
    }
  }
});

test('a cursor of another list, or of another user, is bad input', async () => {
  const [ada, bob] = world.users;
  for (const [at, list] of lists.entries()) {
    const whole = await wholeOf(list, ada);
    expect(whole.length).toBeGreaterThan(1);
    const others = lists.filter((candidate) => candidate !== list);
    for (const other of sampled(others, 4, at)) {
      expect(await ask(list, ada, { cursor: await cursorOf(other, ada) })).toEqual(REFUSED);
    }
    const [position] = whole;
    expect(await ask(list, ada, { cursor: encodeCursor(list.binding(bob), position) })).toEqual(REFUSED);
    expect(await ask(list, bob, { cursor: await cursorOf(list, ada) })).toEqual(REFUSED);
  }
});

test('a cursor that was changed anywhere is bad input', async () => {
  const [ada] = world.users;
  for (const list of lists) {
    const cursor = await cursorOf(list, ada);
    const bytes = Buffer.from(cursor, 'base64url');
    const flipped = [...bytes].map((byte, at) =>
      Buffer.concat([bytes.subarray(0, at), Buffer.from([255 - byte]), bytes.subarray(at + 1)]).toString('base64url'),
    );
    const cut = [0, 1, 16, cursor.length - 1].map((length) => cursor.slice(0, length));
    const longer = [`${cursor}A`, `${cursor}=`, cursor + cursor, cursor.padEnd(5000, 'A')];
    const others = [
      '*',
      ' ',
      `${cursor} `,
      'null',
      '{}',
      postIdOf(1),
      '\u0000',
      '😀',
      'DETAILS',
      `POST#${postIdOf(1)}`,
    ];
    for (const text of [...flipped, ...cut, ...longer, ...others]) {
      expect([text, await ask(list, ada, { cursor: text })]).toEqual([text, REFUSED]);
    }
  }
});

test('a cursor that somebody made shows nothing but their own list, from there', async () => {
  const anywhere = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', tagIdOf(3)];
  for (const [at, list] of lists.entries()) {
    for (const userId of world.users.slice(1, 3)) {
      const whole = await wholeOf(list, userId);
      for (const position of sampled([...anywhere, ...[...world.posts.keys()].slice(0, 3)], 4, at)) {
        const answer = await ask(list, userId, { limit: '100', cursor: encodeCursor(list.binding(userId), position) });
        expect([answer.status, answer.ids]).toEqual([200, whole.filter((id) => id < position)]);
      }
    }
  }
});
