import { generateKeyPair, SignJWT } from 'jose';
import type { TestAnswer, TestAuthorization } from '../../../../local/appsync/testing';
import { sampled } from '../../../support/scope';
import type { Cast } from '../cast';
import {
  CLAIM,
  claimsByStatusQuery,
  commandDocument,
  COMMANDS,
  GUARDED,
  myClaimsQuery,
  PUBLISH,
  WHOLE_CLAIM,
} from '../documents';
import { expectHttpRefusal, expectInvalid, expectUnauthorized, rejectionOf } from '../shapes';
import { type ClaimsWorld, newExpense, newId, OPEN, type Session, text, type Variables } from '../world';

const CHANGE = {
  view: 'claims',
  version: 1,
  occurredAt: '2026-01-01T00:00:00.000Z',
  commandId: 'c',
  correlationId: 'c',
};

const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Tokens that are none of the pool's. */
async function forgeries(token: string): Promise<readonly (readonly [string, string])[]> {
  const [header, payload, signature] = token.split('.');
  const claims = decode(payload);
  const groups = { ...claims, 'cognito:groups': ['approvers', 'finance', 'auditors'] };
  const { privateKey } = await generateKeyPair('RS256');
  const sign = (all: object, alg = 'RS256') =>
    new SignJWT({ ...all }).setProtectedHeader({ alg, kid: String(decode(header).kid) }).sign(privateKey);
  return [
    ['nothing like a token', 'token'],
    ['an empty one', '..'],
    ['groups that were put in', [header, encode(groups), signature].join('.')],
    ['no signature', [header, payload, ''].join('.')],
    ['the algorithm none', [encode({ alg: 'none', kid: decode(header).kid }), payload, ''].join('.')],
    ['a key of somebody else', await sign(groups)],
    ['another issuer', await sign({ ...groups, iss: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_other' })],
    ['a signature that was cut', token.slice(0, -20)],
  ];
}

/** Who may send, and see, what. */
export function describeRights(world: ClaimsWorld, cast: Cast): void {
  /** Each operation of both APIs by one caller, on what is there. */
  async function everyOperation(by: TestAuthorization | undefined, id: string): Promise<readonly TestAnswer[]> {
    const query = (document: string, variables: Variables) => world.queries(by)(document, variables);
    return Promise.all([
      world.send(by, 'openClaim', { id: newId(), ...OPEN }),
      world.send(by, 'submitClaim', { id }),
      world.commands(by)('query command { command(commandId: "c") { id } }'),
      query('query claim($id: ID!) { claim(id: $id) { id } }', { id }),
      query(myClaimsQuery('id'), {}),
      query(claimsByStatusQuery('id'), { status: 'OPEN' }),
      query('query events($id: ID!) { events(id: $id) { nextToken } }', { id }),
      query(PUBLISH, { ...CHANGE, id }),
      query('query { __schema { types { name } } }', {}),
    ]);
  }

  describe('who shows nothing good is told so, and no more, by either API', () => {
    let id: string;
    let before: ReadonlyMap<string, string>;
    beforeAll(async () => {
      id = await world.claimOf(cast.owner);
      await world.settled();
      before = await world.everything();
    });
    afterAll(async () => expect(await world.changedSince(before)).toEqual([]));

    const expectRefused = async (token: string | undefined) => {
      const answers = await everyOperation(token === undefined ? undefined : { token }, id);
      for (const answer of answers) expectHttpRefusal(answer, 401, 'UnauthorizedException');
    };

    test('without a token', () => expectRefused(undefined));

    test('with one that has expired, an access token or an id token', async () => {
      const { token, idToken } = await world.oldSession(cast.owner);
      await expectRefused(token);
      await expectRefused(idToken);
      // And what is good today is not in two days.
      await world.after(2 * 24 * 3_600_000, () => expectRefused(cast.owner.token));
    });

    test('with one that is forged', async () => {
      const tokens = [...(await forgeries(cast.owner.token)), ...(await forgeries(cast.owner.idToken))];
      for (const [, forged] of sampled(tokens, 3)) await expectRefused(forged);
    });
  });

  test('roles may call nothing that is for users', async () => {
    const id = await world.claimOf(cast.owner);
    const answers = await everyOperation(world.role('Stranger'), id);
    for (const answer of answers.slice(0, -1)) {
      expect([answer.status, answer.errors.map(({ errorType }) => errorType)]).toEqual([200, ['Unauthorized']]);
    }
  });

  test.each(['token', 'idToken'] as const)('the %s of a user is good for all that the user may do', async (kind) => {
    const as = (session: Session) => ({ token: session[kind] });
    const { owner, approver, finance, auditor } = cast;
    const id = newId();
    const send = (by: Session, command: string, args: Variables = {}) => world.ok(as(by), command, { id, ...args });
    await send(owner, 'openClaim', OPEN);
    await send(owner, 'addExpense', newExpense());
    await send(owner, 'submitClaim');
    await send(approver, 'approveClaim');
    await send(finance, 'payClaim', { reference: text('SEPA') });
    await world.settled();
    expect(await world.seen(as(owner), id)).toMatchObject({ status: 'PAID', owner: owner.sub });
    expect(await world.seen(as(finance), id, WHOLE_CLAIM)).toMatchObject({
      decidedBy: approver.sub,
      paidBy: finance.sub,
    });
    expect((await world.allEvents(as(auditor), id)).map(({ actor }) => actor)).toEqual(
      [owner, owner, owner, approver, finance].map(({ sub }) => sub),
    );
  });

  describe('a claim that is paid', () => {
    let id: string;
    beforeAll(async () => {
      const { owner, approver, finance } = cast;
      id = await world.claimOf(owner, 'SUBMITTED');
      await world.ok(approver, 'approveClaim', { id, note: text('fine') });
      await world.ok(finance, 'payClaim', { id, reference: text('SEPA') });
      await world.settled();
    });

    test.each<[keyof Cast, readonly string[]]>([
      ['owner', GUARDED],
      ['approver', ['paidBy', 'paymentReference']],
      ['finance', []],
      ['boss', []],
    ])('shows %s all but %j, by its id and in lists', async (who, hidden) => {
      const by = cast[who];
      const answer = await world.claim(by, id, WHOLE_CLAIM);
      expectUnauthorized(answer, ...hidden.map((field) => `claim.${field}`));
      const shown = answer.data?.claim as Record<string, unknown>;
      expect(GUARDED.filter((field) => shown[field] === null)).toEqual(hidden);
      expect(shown).toMatchObject({ id, status: 'PAID', decisionNote: expect.any(String) as string });

      const list = who === 'owner' ? 'myClaims' : 'claimsByStatus';
      const ask = who === 'owner' ? myClaimsQuery : claimsByStatusQuery;
      const page = await world.queries(by)(ask(WHOLE_CLAIM), { limit: 1, status: 'PAID' });
      expectUnauthorized(page, ...hidden.map((field) => `${list}.items.0.${field}`));
      const { items } = page.data?.[list] as { items: Record<string, unknown>[] };
      expect(GUARDED.filter((field) => items[0][field] === null)).toEqual(hidden);
    });

    test.each(['other', 'auditor'] as const)('is to %s as one that is not there', async (who) => {
      const [its, none] = await Promise.all([id, newId()].map((each) => world.claim(cast[who], each, CLAIM)));
      expect([its.status, its.data, its.errors]).toEqual([200, { claim: null }, []]);
      expect([none.status, none.data, none.errors]).toEqual([its.status, its.data, its.errors]);
      expect((await world.claim(cast.finance, newId())).data).toEqual({ claim: null });
    });

    test('is changed by nobody it is not for', async () => {
      const before = await world.everything();
      const args: Readonly<Record<string, Variables>> = {
        openClaim: OPEN,
        addExpense: newExpense(),
        removeExpense: { expenseId: 'x' },
        rejectClaim: { reason: text('no') },
        payClaim: { reference: text('SEPA') },
      };
      for (const command of COMMANDS) {
        const answer = await world.send(cast.other, command, { id, ...args[command] });
        expect(['FORBIDDEN', 'NOT_FOUND', 'ALREADY_EXISTS']).toContain(rejectionOf(answer, command)[0]);
      }
      const changed = await world.changedSince(before);
      expect(changed.filter((key) => !key.startsWith(`COMMAND#${cast.other.sub}#`))).toEqual([]);
    });

    test('has its events for auditors, and roles that may read them', async () => {
      for (const who of ['owner', 'other', 'approver', 'finance', 'boss'] as const) {
        expectUnauthorized(await world.events(cast[who], { id }), 'events');
      }
      expectUnauthorized(await world.events(world.role('Stranger'), { id }), 'events');
      const seen = await world.allEvents(cast.auditor, id);
      expect(seen.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
      const read = await world.allEvents(world.role('Reader'), id);
      expect(read.map(({ version, actor }) => [version, actor])).toEqual(
        seen.map(({ version, actor }) => [version, actor]),
      );
      expect(await world.allEvents(cast.auditor, newId())).toEqual([]);
    });
  });

  test('claims of a status are for those who decide and pay', async () => {
    for (const who of ['owner', 'other', 'auditor'] as const) {
      expectUnauthorized(
        await world.queries(cast[who])(claimsByStatusQuery('id'), { status: 'OPEN' }),
        'claimsByStatus',
      );
    }
  });

  test('nobody but the projector says that a view has changed', async () => {
    const variables = { ...CHANGE, id: newId(), owner: cast.owner.sub };
    for (const by of [cast.owner, cast.boss, cast.auditor, world.role('Reader'), world.role('Stranger')]) {
      expectUnauthorized(await world.queries(by)(PUBLISH, variables), 'publishViewChange');
    }
    expectInvalid(await world.commands(cast.owner)(PUBLISH, variables));
  });

  test('each API has its own operations alone', async () => {
    const [id, document] = [newId(), commandDocument('openClaim')];
    expectInvalid(await world.queries(cast.owner)(document, { id, commandId: newId(), ...OPEN }));
    expectInvalid(await world.commands(cast.owner)(myClaimsQuery(), {}));
    expectInvalid(await world.commands(cast.auditor)('query { events(id: "x") { nextToken } }'));
  });
}
