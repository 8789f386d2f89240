import { api } from './api';
import { CONTRACTS } from './contracts';
import { LIMITS } from './domain/limits';
import type { EndpointFacts } from '../../src/core/endpoint';
import { REALWORLD_ENDPOINTS } from '../../src/realworld-api/contract';
import { call, type RequestSample } from '../../test/support/events';
import {
  INJECTIONS,
  NO_OBJECT,
  NO_STRING,
  NO_TAGS,
  REFUSED,
  refusalOfText,
  TEXTS,
  type TextField,
} from '../../test/support/payloads';
import { type Contract, endpoint } from '../core/http/endpoint';

/**
 * Every kind of bad input at every operation that takes any, against the handlers as they are made from facts and
 * schemas: what is refused never reaches the code behind. The end-to-end tests send a few of each kind.
 */

type Operation = keyof typeof CONTRACTS;

const PATHS: Readonly<Partial<Record<Operation, Readonly<Record<string, string>>>>> = {
  UpdateArticle: { slug: 'a' },
  CreateArticleComment: { slug: 'a' },
};

/** Sends to an operation behind which there is nothing: its answer, and the input that got through. */
async function send(operation: Operation, sample: RequestSample) {
  let reached: { query: unknown; body: unknown } | undefined;
  const facts: EndpointFacts = REALWORLD_ENDPOINTS[operation];
  const handler = endpoint<EndpointFacts, Contract<EndpointFacts>>(api, facts, CONTRACTS[operation] as never, {
    handle: async ({ query, body }) => {
      reached = { query, body };
      return {} as never;
    },
  });
  const answer = await call(handler, {
    path: PATHS[operation],
    token: facts.auth === 'none' ? undefined : 't',
    ...sample,
  });
  return { status: answer.status, errors: (answer.json as { errors?: unknown }).errors, reached };
}

const refused = (errors: unknown) => ({ status: 422, errors, reached: undefined });

const WRAPPERS = {
  CreateUser: 'user',
  Login: 'user',
  UpdateCurrentUser: 'user',
  CreateArticle: 'article',
  UpdateArticle: 'article',
  CreateArticleComment: 'comment',
} as const;
type Writing = keyof typeof WRAPPERS;
const WRITING = Object.keys(WRAPPERS) as Writing[];

/** Input that is good, of each operation that takes a body. */
const GOOD: Readonly<Record<Writing, Readonly<Record<string, unknown>>>> = {
  CreateUser: { username: 'ada', email: 'ada@example.com', password: 'some-password' },
  Login: { email: 'ada@example.com', password: 'some-password' },
  UpdateCurrentUser: { bio: 'b' },
  CreateArticle: { title: 't', description: 'd', body: 'b', tagList: ['t'] },
  UpdateArticle: { description: 'd' },
  CreateArticleComment: { body: 'b' },
};

const write = (operation: Writing, fields: Readonly<Record<string, unknown>>) =>
  send(operation, { body: { [WRAPPERS[operation]]: { ...GOOD[operation], ...fields } } });

test('the operations are all that take a body, and take what is good', async () => {
  const taking = Object.entries(CONTRACTS).flatMap(([operation, contract]) => ('body' in contract ? [operation] : []));
  expect([...WRITING].sort()).toEqual(taking.sort());
  for (const operation of WRITING) {
    expect((await write(operation, {})).reached).toMatchObject({ body: { [WRAPPERS[operation]]: GOOD[operation] } });
  }
});

describe.each(WRITING)('%s', (operation) => {
  test.each(NO_OBJECT)('refuses a body that is %s', async (_, raw) => {
    const answer = await send(operation, { raw });
    expect(answer).toEqual(refused(expect.any(Object)));
    expect(Object.keys(answer.errors as object)).not.toEqual([]);
  });

  test('repeats nothing of a body that is no JSON', async () => {
    expect(await send(operation, { raw: 'secret' })).toEqual(refused({ body: ['must be valid JSON'] }));
  });
});

/** Where each field can be sent. */
const FIELDS: readonly (readonly [operation: Writing, field: string])[] = [
  ...(['username', 'email', 'password'] as const).map((field) => ['CreateUser', field] as const),
  ...(['email', 'password'] as const).map((field) => ['Login', field] as const),
  ...(['username', 'email', 'password', 'bio', 'image'] as const).map((field) => ['UpdateCurrentUser', field] as const),
  ...(['title', 'description', 'body'] as const).flatMap((field) => [
    ['CreateArticle', field] as const,
    ['UpdateArticle', field] as const,
  ]),
  ['CreateArticleComment', 'body'],
];

describe.each(FIELDS)('%s: %s', (operation, field) => {
  test('is a string', async () => {
    for (const value of NO_STRING) {
      expect(await write(operation, { [field]: value })).toEqual(refused({ [field]: ['must be a string'] }));
    }
  });

  test('is no megabyte, and the answer does not repeat it', async () => {
    const answer = await write(operation, { [field]: 'x'.repeat(1024 * 1024) });
    expect(answer).toEqual(refused({ [field]: [expect.stringMatching(/^is too long .{0,60}$/)] }));
  });
});

describe.each(['CreateArticle', 'UpdateArticle'] as const)('%s: tagList', (operation) => {
  test('is a list of strings', async () => {
    for (const tagList of NO_TAGS) {
      expect(await write(operation, { tagList })).toEqual(
        refused({ tagList: [expect.stringMatching(/^(must be a (list of strings|string)|can't be blank)$/)] }),
      );
    }
  });

  test('has no tag of a megabyte', async () => {
    expect(await write(operation, { tagList: ['x'.repeat(1024 * 1024)] })).toEqual(
      refused({ tagList: ['is too long (maximum is 64 characters, got 1048576)'] }),
    );
  });
});

test('a wrong field refuses the whole update, whatever is good in it', async () => {
  expect(await write('UpdateCurrentUser', { bio: 'written?', email: 5 })).toEqual(
    refused({ email: ['must be a string'] }),
  );
  expect(await write('UpdateArticle', { body: 'written?', tagList: 'no list' })).toEqual(
    refused({ tagList: ['must be a list of strings'] }),
  );
});

describe('text', () => {
  /** How a text is sent in each field: names and addresses are made of it, others are it. */
  const SENT: Readonly<Record<TextField, (text: string) => [Writing, Record<string, unknown>, field: string]>> = {
    username: (text) => ['CreateUser', { username: `${text}Ada` }, 'username'],
    email: (text) => ['CreateUser', { email: `${text}a@b.example` }, 'email'],
    password: (text) => ['CreateUser', { password: `${text} and more` }, 'password'],
    bio: (text) => ['UpdateCurrentUser', { bio: text }, 'bio'],
    image: (text) => ['UpdateCurrentUser', { image: text }, 'image'],
    title: (text) => ['CreateArticle', { title: text }, 'title'],
    description: (text) => ['CreateArticle', { description: text }, 'description'],
    body: (text) => ['CreateArticle', { body: text }, 'body'],
    tagList: (text) => ['CreateArticle', { tagList: [text] }, 'tagList'],
    comment: (text) => ['CreateArticleComment', { body: text }, 'body'],
  };

  describe.each(Object.keys(SENT) as TextField[])('in %s', (textField) => {
    test.each(TEXTS)('is kept as it came, or refused and not repeated: %s', async (name, text) => {
      const [operation, fields, field] = SENT[textField](text);
      const answer = await write(operation, fields);
      const message = refusalOfText(textField, name);
      expect(answer).toEqual(
        message === undefined
          ? { status: REALWORLD_ENDPOINTS[operation].success, errors: undefined, reached: expect.anything() as unknown }
          : refused({ [field]: [message] }),
      );
      if (message === undefined) {
        expect(answer.reached).toMatchObject({ body: { [WRAPPERS[operation]]: fields } });
      }
    });
  });

  test('that is refused is one of these texts', () => {
    const names = TEXTS.map(([name]) => name);
    const unknown = Object.values(REFUSED)
      .flatMap((messages) => Object.values(messages).flat())
      .filter((name) => !names.includes(name));
    expect(unknown).toEqual([]);
  });

  test.each<[TextField, max: number]>([
    ['username', LIMITS.username],
    ['email', LIMITS.email],
    ['password', LIMITS.password],
    ['bio', LIMITS.bio],
    ['image', LIMITS.image],
    ['title', LIMITS.title],
    ['description', LIMITS.description],
    ['body', LIMITS.bodyBytes],
    ['tagList', LIMITS.tag],
    ['comment', LIMITS.commentBytes],
  ])('in %s may be as long as %i, and no longer', async (textField, max) => {
    const added = SENT[textField]('')[1];
    const own = Object.values(added).flat().join('').length;
    const longest = SENT[textField]('x'.repeat(max - own));
    expect((await write(longest[0], longest[1])).reached).toBeDefined();
    const [operation, fields, field] = SENT[textField]('x'.repeat(max - own + 1));
    expect(await write(operation, fields)).toEqual(
      refused({ [field]: [expect.stringMatching(new RegExp(`maximum is ${max} \\w+, got ${max + 1}\\b`))] }),
    );
  });
});

describe.each(['GetArticles', 'GetArticlesFeed'] as const)('the query of %s', (operation) => {
  test.each(['limit', 'offset'])('has no text for %s', async (parameter) => {
    for (const text of [...INJECTIONS, ...TEXTS.map(([, odd]) => odd), 'x'.repeat(5000)]) {
      expect(await send(operation, { query: { [parameter]: text } })).toEqual(
        refused({ [parameter]: [expect.stringMatching(/^must be a whole number from \d to \d+, got [^]{0,20}$/)] }),
      );
    }
  });
});

test('filters take any text as it is', async () => {
  for (const [, text] of TEXTS) {
    for (const filter of ['tag', 'author', 'favorited']) {
      expect((await send('GetArticles', { query: { [filter]: text } })).reached).toMatchObject({
        query: { [filter]: text },
      });
    }
  }
});
