import type { Cast } from './cast';
import {
  argumentsOf,
  CLAIM,
  claimQuery,
  claimsByStatusQuery,
  COMMAND_QUERY,
  commandDocument,
  COMMANDS,
  EVENTS_QUERY,
  myClaimsQuery,
  PUBLISH,
} from './documents';
import { expectBadRequest, expectHttpRefusal, expectInvalid, rejectionOf } from './shapes';
import { type ClaimsWorld, MARK, newExpense, newId, OPEN, type Variables } from './world';
import type { TestAnswer } from '../../../local/appsync/testing';
import { INJECTIONS, TEXTS, UNICODE } from '../../support/payloads';
import { sampled } from '../../support/scope';

/** Arguments with which a command is well formed. */
const GOOD: Variables = {
  ...{ ...OPEN, ...newExpense() },
  ...{ reason: `${MARK} no`, reference: `${MARK} SEPA`, note: `${MARK} fine` },
};

const TEXT_LIKE = [true, 1.5, {}, [], ['a'], { S: 'a' }];
const INT_LIKE = ['1', '', 1.5, true, {}, [], 2 ** 31, -(2 ** 31) - 1, 'NaN'];

/** Values that are none of a type. */
const NONE_OF: Readonly<Record<string, readonly unknown[]>> = {
  ID: TEXT_LIKE,
  String: [...TEXT_LIKE, 5],
  Int: INT_LIKE,
  ExpenseCategory: ['travel', 'NONE', '', '__proto__', 1, {}, []],
  ClaimStatus: ['open', 'NONE', '', 'constructor', 'OPEN#x', 1, {}, []],
  AWSDate: ['2026-13-01', '2026-02-30', 'yesterday', '', '20260120', '2026-01-20T00:00:00Z', 5, {}, []],
};

const wrongValues = (type: string): readonly unknown[] => [
  ...NONE_OF[type.replace('!', '')],
  ...(type.endsWith('!') ? [null, undefined] : []),
];

/** Texts that templates, too, might take for something else. */
const TEMPLATE_LIKE = [
  '$util.toJson($ctx)',
  '$ctx.identity.sub',
  '${ctx.args.id}',
  '$!{x}',
  '#set($x = 1)',
  '#if(true)',
  '#end',
  '#foreach($a in [1])',
  '## comment',
  '#* comment *#',
  '$util.error("x")',
  '"}], "items": [',
  '\\',
  '\\"',
  '\u2028',
  'line\nbreak\tand tab',
];

const ID = /^[A-Za-z0-9_-]{1,64}$/;

/** What is no id. */
const NO_IDS = [
  ...['a\n', '', ' ', 'a b', '\na', 'a/b', 'x'.repeat(65), 'é', '\u0000', '%23', '1.5', 'a,b'],
  ...INJECTIONS,
  ...TEMPLATE_LIKE,
  ...UNICODE.map(([, text]) => text),
].filter((text) => !ID.test(text));

/** What looks odd, and is an id like any other. */
const ODD_IDS = [
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'null',
    'undefined',
    '-',
    '_',
    '0',
    '-1',
    'x'.repeat(64),
  ],
  ...['ROW', 'byOwner', 'byStatus', 'COMMAND', 'SNAPSHOT', '000000000001', 'claims', 'ExpenseClaim', 'JOB'],
];

/** What is no request, and what is none that can be resolved. */
export function describeBadInput(world: ClaimsWorld, cast: Cast): void {
  let id: string;
  let before: ReadonlyMap<string, string>;

  beforeAll(async () => {
    id = await world.claimOf(cast.boss);
    before = await world.everything();
  });

  describe('changes nothing, where', () => {
    afterAll(async () => expect(await world.changedSince(before)).toEqual([]));

    const post = async (url: string, body: string): Promise<TestAnswer> => {
      const headers = { authorization: cast.boss.token, 'content-type': 'application/json' };
      const response = await fetch(url, { method: 'POST', headers, body });
      return { errors: [], ...((await response.json()) as object), status: response.status, headers: response.headers };
    };

    test.each<[string, string]>([
      ['is nothing', ''],
      ['is no JSON', 'this is not JSON'],
      ['is half an object', '{"query": "{ myClaims'],
      ['is null', 'null'],
      ['is a list', '[]'],
      ['is a list of requests', '[{"query": "{ __typename }"}]'],
      ['is a number', '42'],
      ['has no query', '{}'],
      ['has null for a query', '{"query": null}'],
      ['has a query that is no text', '{"query": {"a": 1}}'],
      ['has no GraphQL', '{"query": "{"}'],
      ['has XML', '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'],
      ['has variables that are a list', '{"query": "{ __typename }", "variables": []}'],
      ['has variables that are a text', '{"query": "{ __typename }", "variables": "{\\"id\\": \\"a\\"}"}'],
      ['has 100,000 open brackets', '['.repeat(100_000)],
      ['has variables 100,000 lists deep', `{"query":"x","variables":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
      ['subscribes', `{"query": "subscription { onMyChanges(owner: \\"x\\") { id } }"}`],
    ])('a body %s', async (_, body) => {
      const type = body.includes('subscription') ? 'BadRequestException' : 'MalformedHttpRequestException';
      for (const url of [world.commandUrl, world.queryUrl]) expectHttpRefusal(await post(url, body), 400, type);
    });

    test('a body is of more than 1 MB', async () => {
      const body = JSON.stringify({ query: '{ __typename }', variables: { big: 'x'.repeat(1024 * 1024) } });
      for (const url of [world.commandUrl, world.queryUrl]) {
        expect((await post(url, body)).status).toBe(413);
      }
    });

    test.each(COMMANDS)('%s has an argument of a wrong type, or lacks one', async (command) => {
      const types = argumentsOf(command);
      expect(types).toMatchObject({ id: 'ID!', commandId: 'ID!', expectedVersion: 'Int' });
      const cases = Object.entries(types).flatMap(([name, type]) =>
        wrongValues(type).map((value) => [name, value] as const),
      );
      for (const [name, value] of sampled(cases, 8, COMMANDS.indexOf(command))) {
        const answer = await world.send(cast.boss, command, { ...GOOD, id, [name]: value });
        expect([name, value, expectInvalid(answer).includes(`'${name}'`)]).toEqual([name, value, true]);
      }
    });

    test('a query has an argument of a wrong type, or lacks one', async () => {
      const queries: readonly (readonly [string, Variables, Readonly<Record<string, string>>])[] = [
        [claimQuery(CLAIM), {}, { id: 'ID!' }],
        [EVENTS_QUERY, { id }, { id: 'ID!', limit: 'Int', nextToken: 'String' }],
        [myClaimsQuery(), {}, { limit: 'Int', nextToken: 'String' }],
        [claimsByStatusQuery(), { status: 'OPEN' }, { status: 'ClaimStatus!', limit: 'Int' }],
      ];
      const cases = queries.flatMap(([document, good, types]) =>
        Object.entries(types).flatMap(([name, type]) =>
          wrongValues(type).map((value) => [document, { ...good, [name]: value }] as const),
        ),
      );
      for (const [document, variables] of sampled(cases, 6)) {
        expectInvalid(await world.queries(cast.boss)(document, variables));
      }
      for (const commandId of sampled(wrongValues('ID!'), 4)) {
        expectInvalid(await world.commands(cast.boss)(COMMAND_QUERY, { commandId }));
      }
    });

    test.each<[string, string]>([
      ['names an argument that there is not', 'mutation { withdrawClaim(id: "a", commandId: "b", owner: "c") { id } }'],
      ['names a field that there is not', 'mutation { withdrawClaim(id: "a", commandId: "b") { id owner } }'],
      ['names a command that there is not', 'mutation { dropTable(id: "a", commandId: "b") { id } }'],
      ['asks for nothing of an object', 'mutation { withdrawClaim(id: "a", commandId: "b") }'],
      ['has a fragment that contains itself', 'query { ...A } fragment A on Query { ...A }'],
      ['uses a variable that it has not', 'mutation { withdrawClaim(id: $id, commandId: "b") { id } }'],
      ['has an id that is a list', 'mutation { withdrawClaim(id: ["a"], commandId: "b") { id } }'],
      [
        'has a number beyond an Int',
        'mutation { withdrawClaim(id: "a", commandId: "b", expectedVersion: 9e99) { id } }',
      ],
    ])('a document %s', async (_, document) => {
      expectInvalid(await world.commands(cast.boss)(document));
    });

    test('a query asks for more than an API resolves at once', async () => {
      const many = (count: number) =>
        `{ ${Array.from({ length: count }, (_, n) => `a${n}: claim(id: "x") { id }`).join(' ')} }`;
      expect((await world.queries(cast.boss)(many(50))).errors).toEqual([]);
      expect((await world.queries(cast.boss)(many(51))).errors.length).toBeGreaterThan(0);
    });

    test.each(['id', 'commandId', 'correlationId', 'causationId'])('%s of a command is no id', async (field) => {
      const cases = NO_IDS.map((text, index) => [COMMANDS[index % COMMANDS.length], text] as const);
      for (const [command, text] of sampled(cases, 10, field.length)) {
        expectBadRequest(await world.send(cast.boss, command, { ...GOOD, id, [field]: text }), command, field);
      }
    });

    test('an id that is asked for is none', async () => {
      for (const text of sampled(NO_IDS, 10)) {
        expectBadRequest(await world.claim(cast.boss, text), 'claim', 'id');
        expectBadRequest(await world.events(cast.auditor, { id: text }), 'events', 'id');
        expectBadRequest(await world.command(cast.boss, text), 'command', 'commandId');
      }
    });

    test('a version is expected that there cannot be', async () => {
      for (const expectedVersion of [-1, -(2 ** 31)]) {
        const answer = await world.send(cast.boss, 'withdrawClaim', { id, expectedVersion });
        expectBadRequest(answer, 'withdrawClaim', 'expectedVersion');
      }
    });

    test('a text is none that can be stored', async () => {
      for (const wrong of ['lone\ud800', '\udc00lone']) {
        const title = await world.send(cast.boss, 'openClaim', { ...OPEN, id: newId(), title: wrong });
        expectBadRequest(title, 'openClaim', 'title');
        const expense = newExpense({ description: wrong });
        expectBadRequest(await world.send(cast.boss, 'addExpense', { id, ...expense }), 'addExpense', 'description');
      }
    });

    test('somebody plays the projector', async () => {
      const change = { view: 'claims', version: 1, commandId: 'c', correlationId: 'c', owner: cast.boss.sub };
      for (const text of sampled(NO_IDS, 10)) {
        const variables = { ...change, id: text, occurredAt: '2026-01-01T00:00:00.000Z' };
        expect((await world.queries(cast.boss)(PUBLISH, variables)).errors).toMatchObject([
          { errorType: 'Unauthorized' },
        ]);
      }
    });
  });

  test('a text of a megabyte is rejected by its rule, and not told again', async () => {
    const title = `${MARK}${'x'.repeat(1024 * 1000)}`;
    const answer = await world.send(cast.owner, 'openClaim', { ...OPEN, id: newId(), title });
    const [code, message] = rejectionOf(answer, 'openClaim');
    expect([code, message.length < 200, message.includes(MARK)]).toEqual(['INVALID_ARGUMENT', true, false]);
    const inPlace = `mutation { openClaim(id: "a", commandId: "b", currency: "EUR", limitCents: 1, title: "${title}") { id } }`;
    expect((await world.commands(cast.owner)(inPlace)).errors[0].message).not.toContain('xxxxx');
  });

  test.each(sampled(ODD_IDS, 5))('%s is an id like any other', async (odd) => {
    const { owner, other, auditor } = cast;
    const result = await world.ok(owner, 'openClaim', { ...OPEN, id: odd, commandId: odd, correlationId: odd });
    expect(result).toMatchObject({ id: odd, commandId: odd, version: 1 });
    await world.ok(owner, 'addExpense', { id: odd, ...newExpense({ expenseId: odd }) });
    const again = await world.send(owner, 'addExpense', { id: odd, ...newExpense({ expenseId: odd }) });
    expect(rejectionOf(again, 'addExpense')[0]).toBe('EXPENSE_EXISTS');
    await world.settled();
    expect(await world.seen(owner, odd)).toMatchObject({ id: odd, version: 2, expenses: [{ id: odd }] });
    expect((await world.claim(other, odd)).data).toEqual({ claim: null });
    expect((await world.command(owner, odd)).data?.command).toMatchObject({ id: odd, status: 'ACCEPTED' });
    expect((await world.allEvents(auditor, odd)).map(({ version }) => version)).toEqual([1, 2]);
    await world.ok(owner, 'removeExpense', { id: odd, expenseId: odd });
  });

  test('text of any kind is kept as it is, where it is text', async () => {
    const { owner, approver, finance, auditor } = cast;
    const texts = [...TEMPLATE_LIKE, ...TEXTS.map(([, text]) => text)].filter(
      (text) => text.trim() === text && text.isWellFormed(),
    );
    expect(texts.length).toBeGreaterThan(60);
    const some = sampled(texts, 8);
    const claim = newId();
    const title = texts.slice(0, 8).join(' ').slice(0, 200).trim();
    await world.ok(owner, 'openClaim', { ...OPEN, id: claim, title });
    for (const description of some) {
      await world.ok(owner, 'addExpense', { id: claim, ...newExpense({ description, amountCents: 1 }) });
    }
    await world.ok(owner, 'submitClaim', { id: claim });
    const note = texts.join(' ').slice(0, 500).trim();
    const reference = TEMPLATE_LIKE.join(' ').slice(0, 100).trim();
    await world.ok(approver, 'approveClaim', { id: claim, note });
    await world.ok(finance, 'payClaim', { id: claim, reference });
    await world.settled();
    expect(await world.seen(finance, claim, 'title decisionNote paymentReference expenses { description }')).toEqual({
      ...{ title, decisionNote: note, paymentReference: reference },
      expenses: some.map((description) => ({ description })),
    });
    const data = (await world.allEvents(auditor, claim)).map((event) => JSON.parse(event.data) as object);
    expect(data).toMatchObject([
      { title },
      ...some.map((description) => ({ expense: { description } })),
      {},
      { note },
      { reference },
    ]);
    // What rejects a command says nothing of what was sent.
    for (const text of sampled(texts, 16)) {
      const answer = await world.send(owner, 'openClaim', { ...OPEN, id: newId(), currency: text });
      expect(rejectionOf(answer, 'openClaim')[0]).toBe('INVALID_ARGUMENT');
    }
  });

  test('several commands of one document are each judged by itself', async () => {
    const { owner } = cast;
    const [one, two] = [newId(), newId()];
    const open = (of: string, title: string) =>
      `openClaim(id: "${of}", commandId: "${of}", currency: "EUR", limitCents: 5, title: "${title}") { version }`;
    const document = `mutation { a: ${open(one, `${MARK} a`)} b: ${open(two, ' ')} }`;
    const { errors } = await world.commands(owner)(document);
    expect(errors).toMatchObject([{ path: ['b'], errorType: 'CommandRejected' }]);
    const found = async (of: string) => (await world.command(owner, of)).data?.command;
    expect([await found(one), await found(two)]).toMatchObject([{ status: 'ACCEPTED' }, { status: 'REJECTED' }]);
    expect(commandDocument('openClaim')).toContain('$title: String!');
  });
}
