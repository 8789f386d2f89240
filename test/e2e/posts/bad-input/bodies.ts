import { randomUUID } from 'node:crypto';
import { type Aim, BODY_OPERATIONS, type BodyOperation, FIELDS, type FieldType, useAim } from './operations';
import { NO_OBJECT, NO_STRING } from '../../../support/payloads';
import { inScope, sampled } from '../../../support/scope';
import { expectStatus } from '../../shapes';
import { times } from '../../world';
import { expectInvalid, expectRefused } from '../shapes';
import { type PostsWorld, text } from '../world';

/** What all operations are sent; the first of them is sent all that there is. */
const FEW = NO_OBJECT.filter(([name]) =>
  ['no JSON', 'nothing', 'a list', 'null', '100,000 nested lists'].includes(name),
);

const UUID = '01900000-0000-7000-8000-000000000000';

/** Values that no list of ids takes. */
const NO_IDS: readonly unknown[] = [
  UUID,
  5,
  true,
  {},
  { 0: UUID, length: 1 },
  [1],
  [null],
  [{}],
  [[UUID]],
  [''],
  ['not-an-id'],
  [UUID.toUpperCase().replace('8', 'A')],
  [`${UUID}\n`],
  [` ${UUID}`],
  [UUID, 5],
  [UUID, UUID],
  [{ S: UUID }],
  ['__proto__'],
];

/** What each type of field refuses, whatever else is in the body. */
const REFUSED: Readonly<Record<FieldType, readonly unknown[]>> = {
  line: [...NO_STRING, '', ' ', '\t\n'],
  text: NO_STRING,
  ids: NO_IDS,
  access: [...NO_STRING, '', 'Public', 'PUBLIC', 'public ', 'admin', '__proto__', 'constructor'],
  scopes: [...NO_STRING, ['admin'], ['read:posts', 'read:posts'], ['READ:POSTS'], ['read:posts', 1], 'read:posts'],
  time: [
    ...NO_STRING,
    '',
    'tomorrow',
    '2099-01-01',
    '2099-13-01T00:00:00Z',
    '2099-02-30T00:00:00Z',
    '2099-01-01T00:00:00+01:00',
    '2001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '+275760-09-13T00:00:00Z',
  ],
};

const names = BODY_OPERATIONS.map((operation, at) => [operation.name, operation, at] as const);
const fields = FIELDS.map(({ operation, field, type }, at) => [operation.name, field, operation, type, at] as const);
/** The first field of a type is sent all that the type refuses, also in a sample. */
const isFirstOfType = (type: FieldType, at: number): boolean => FIELDS.findIndex((one) => one.type === type) === at;
const elements = (count: number): readonly string[] => Array.from({ length: count }, () => randomUUID());

/** Bodies of the wrong form, type or size. */
export function describeBodies(world: PostsWorld): void {
  const aim = useAim(world);
  const send: Aim['send'] = (operation, options) => aim.send(operation, options);

  describe.each(names)('a body for %s', (_, operation, at) => {
    const isFirst = at === 0;

    test('that is no JSON object with its fields is 400, and nothing is written', async () => {
      const bodies = isFirst ? NO_OBJECT : sampled(FEW, 3, at);
      await aim.unchanged(async () => {
        const answers = await times(bodies.length, (index) => send(operation, { raw: bodies[index][1] }));
        answers.forEach((answer) => expectInvalid(answer));
      });
    });

    test('with a field that is not known is 400, and nothing is written', async () => {
      const good = JSON.stringify(operation.good()).slice(1, -1);
      const all = ['unknown', '__proto__', 'constructor', 'user_id', 'PK', 'toString', ''];
      const unknown = isFirst ? all : sampled(all, 4, at);
      await aim.unchanged(async () => {
        const raws = unknown.map((name) => `{${good},${JSON.stringify(name)}:{"access_type":"public"}}`);
        const answers = await times(raws.length, (index) => send(operation, { raw: raws[index] }));
        answers.forEach((answer, index) => expectInvalid(answer, unknown[index] || undefined));
      });
    });

    test('is JSON whatever its content type says, and checked all the same', async () => {
      const types = ['application/json; charset=utf-8', 'APPLICATION/JSON', 'text/plain', 'nonsense', ''];
      const sent = isFirst ? types : ['text/plain'];
      const bad = ['{"unknown":1}', 'a=b', ''];
      const raws = isFirst ? bad : inScope([bad[at % bad.length]], bad);
      await aim.unchanged(async () => {
        for (const type of [...sent, 'application/x-www-form-urlencoded']) {
          for (const raw of raws) {
            expectInvalid(await send(operation, { raw, headers: { 'content-type': type } }));
          }
        }
      });
      for (const type of sent) {
        const raw = JSON.stringify(operation.good());
        const answer = await send(operation, { raw, headers: { 'content-type': type } });
        expectStatus(answer, operation.method === 'POST' ? 201 : 200);
        if (operation.method === 'POST') await aim.undo(answer);
      }
    });
  });

  test.each(fields)(
    '%s refuses what its field %s does not take, and writes nothing',
    async (_, field, operation, type, at) => {
      const all = REFUSED[type].concat(operation.nullable?.includes(field) ? [] : [null]);
      const values = isFirstOfType(type, at) ? all : sampled(all, 4, at);
      await aim.unchanged(async () => {
        const answers = await times(values.length, (index) =>
          send(operation, { body: withField(operation, field, values[index]) }),
        );
        answers.forEach((answer) => expectInvalid(answer, field));
      });
    },
  );

  describe('too much', () => {
    const MEGABYTE = 1024 * 1024;

    test.each(names)('a megabyte in a field of %s is 400, and not repeated', async (_, operation, at) => {
      await aim.unchanged(async () => {
        const all = Object.entries(operation.fields);
        for (const [field, type] of at === 0 ? all : inScope([all[at % all.length]], all)) {
          const long = 'x'.repeat(MEGABYTE);
          const value = type === 'ids' || type === 'scopes' ? [long] : long;
          const answer = await send(operation, { body: withField(operation, field, value) });
          expectInvalid(answer, field);
          expect(answer.text.length).toBeLessThan(2_000);
        }
      });
    });

    test.each(names)('11 MB for %s is 413, and nothing is written', async (_, operation) => {
      await aim.unchanged(async () => {
        const body = withField(operation, Object.keys(operation.fields)[0], 'x'.repeat(11 * MEGABYTE));
        expectRefused(await send(operation, { body }), 'payload_too_large');
      });
    });

    test('what the gateway takes and a function does not is 413 or 400', async () => {
      await aim.unchanged(async () => {
        const answer = await send(BODY_OPERATIONS[0], {
          body: { ...BODY_OPERATIONS[0].good(), name: 'x'.repeat(8 * MEGABYTE) },
        });
        expectRefused(answer, answer.status === 413 ? 'payload_too_large' : 'invalid_request');
      });
    });

    test('of a list is 400: tags, allowed users, scopes', async () => {
      const lists = FIELDS.filter(({ type }) => type === 'ids').flatMap((field) =>
        (field.field === 'tags' ? [21, 1000] : [1001, 20_000]).map((count) => ({ ...field, count })),
      );
      await aim.unchanged(async () => {
        for (const { operation, field, count } of lists) {
          expectInvalid(await send(operation, { body: withField(operation, field, elements(count)) }), field);
        }
      });
    });

    test('of content is counted in bytes, and what just fits is kept', async () => {
      const [create] = BODY_OPERATIONS;
      await aim.unchanged(async () => {
        expectInvalid(await send(create, { body: { ...create.good(), content: '龍'.repeat(100_001) } }), 'content');
      });
      const made = await send(create, { body: { ...create.good(), content: '龍'.repeat(100_000) } });
      expectStatus(made, 201);
      await aim.undo(made);
    });
  });

  describe('what does not go together', () => {
    test('allowed users of what is not for allowed users are 400', async () => {
      await aim.unchanged(async () => {
        const { other, post } = aim.target;
        for (const access of ['private', 'public'] as const) {
          const body = { name: text('x'), content: text('x'), access_type: access, allowed_users: [other.userId] };
          expectInvalid(await world.post('/posts', aim.target.user, body), 'allowed_users');
          const changes = { access_type: access, allowed_users: [other.userId] };
          expectInvalid(await world.put(`/posts/${post.post_id}`, aim.target.user, changes), 'allowed_users');
        }
      });
    });

    test("tags that are not there, or somebody else's alone, are 400, and the same words", async () => {
      const theirs = await world.createTag(aim.target.other, 'private');
      await aim.unchanged(async () => {
        const { user, post } = aim.target;
        for (const write of [
          (tags: string[]) =>
            world.post('/posts', user, { name: text('x'), content: text('x'), access_type: 'private', tags }),
          (tags: string[]) => world.put(`/posts/${post.post_id}`, user, { tags }),
        ]) {
          const [missing, hidden] = [await write([UUID]), await write([theirs.tag_id])];
          [missing, hidden].forEach((answer) => expectInvalid(answer, 'tags'));
          expect(hidden.text.replaceAll(theirs.tag_id, UUID)).toBe(missing.text);
        }
      });
    });
  });
}

const withField = (operation: BodyOperation, field: string, value: unknown): object => ({
  ...operation.good(),
  // Allowed users belong to one kind of access.
  ...(field === 'allowed_users' && operation.fields.access_type ? { access_type: 'allowed_user' } : {}),
  [field]: value,
});
