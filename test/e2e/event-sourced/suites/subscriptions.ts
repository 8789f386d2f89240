import {
  connectRealtime,
  type RealtimeClient,
  type TestAuthorization,
  type TestSubscription,
} from '../../../../local/appsync/testing';
import type { Cast } from '../cast';
import { type CommandResult, TIME } from '../shapes';
import { type ClaimsWorld, newExpense, newId, OPEN, type Session, text } from '../world';

const FIELDS = 'view id owner version occurredAt commandId correlationId';
const MINE = `subscription mine($owner: ID!) { onMyChanges(owner: $owner) { ${FIELDS} } }`;
const ROW = `subscription row($view: String!, $id: ID!) { onViewChange(view: $view, id: $id) { ${FIELDS} } }`;

/** Changes of views, told over WebSocket. */
export function describeSubscriptions(world: ClaimsWorld, cast: Cast): void {
  const open: RealtimeClient[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()));
  });

  async function connect(by?: TestAuthorization, way?: 'query' | 'protocol'): Promise<RealtimeClient> {
    const client = await connectRealtime(world.queryUrl, by, way);
    open.push(client);
    return client;
  }

  const mine = async (by: Session, of: string = by.sub) => (await connect(by)).subscribe(MINE, { owner: of });
  const row = async (by: Session, id: string, view = 'claims') => (await connect(by)).subscribe(ROW, { view, id });

  /** What is told of a command, and nothing else: all that it may say is compared. */
  const changeOf = ({ id, version, commandId }: CommandResult, owner: Session, correlationId = commandId) => ({
    ...{ view: 'claims', id, owner: owner.sub, version, occurredAt: TIME, commandId, correlationId },
  });
  const nextOf = async (subscription: TestSubscription, field: 'onMyChanges' | 'onViewChange') => {
    const { data, errors } = await subscription.next();
    expect([Object.keys(data), errors]).toEqual([[field], undefined]);
    return data[field];
  };

  test('its owner is told of every change of a claim, whoever made it, by the version of its answer', async () => {
    const { owner, approver, finance } = cast;
    const subscription = await mine(owner);
    const id = newId();
    for (const [by, command, args] of [
      [owner, 'openClaim', { ...OPEN, correlationId: 'flow-7' }],
      [owner, 'addExpense', newExpense()],
      [owner, 'submitClaim', {}],
      [approver, 'approveClaim', { note: text('fine') }],
      [finance, 'payClaim', { reference: text('SEPA') }],
    ] as const) {
      const result = await world.ok(by, command, { id, ...args });
      const { correlationId } = { correlationId: result.commandId, ...args };
      expect(await nextOf(subscription, 'onMyChanges')).toEqual(changeOf(result, owner, correlationId));
      // Who is told reads what was told.
      expect((await world.seen(owner, id)).version).toBeGreaterThanOrEqual(result.version);
    }
  });

  test.each(['owner', 'approver', 'finance', 'boss'] as const)(
    '%s, who may read a claim, may watch it',
    async (who) => {
      const { owner } = cast;
      const [id, another] = [await world.claimOf(owner), await world.claimOf(owner)];
      await world.settled();
      const subscription = await row(cast[who], id);
      await world.ok(owner, 'addExpense', { id: another, ...newExpense() });
      const result = await world.ok(owner, 'addExpense', { id, ...newExpense() });
      // That of the other claim would have come first.
      expect(await nextOf(subscription, 'onViewChange')).toEqual(changeOf(result, owner));
      expect(subscription.waiting).toEqual([]);
    },
  );

  test('nobody watches what they may not read, or what is not there', async () => {
    const { owner, other, auditor, approver } = cast;
    const id = await world.claimOf(owner);
    await world.settled();
    for (const refused of [
      mine(other, owner.sub),
      mine(approver, owner.sub),
      mine(auditor, owner.sub),
      mine(owner, ''),
      row(other, id),
      row(auditor, id),
      row(owner, newId()),
      row(other, newId()),
      row(owner, id, 'nothing'),
      row(owner, `${id}#`, 'claims'),
      row(owner, 'ROW', 'claims#byOwner'),
    ]) {
      await expect(refused).rejects.toThrow(/Unauthorized|BadRequest/);
    }
    // To whoever may not, one that is there looks as one that is not.
    const told = await Promise.all(
      [id, newId()].map(async (each) => row(other, each).catch((error: Error) => error.message)),
    );
    expect(told[0]).toBe(told[1]);
  });

  test('nobody connects or subscribes without a token that is good', async () => {
    const { owner } = cast;
    const old = await world.oldSession(owner);
    const forged = { token: `${owner.token.slice(0, -20)}${'A'.repeat(20)}` };
    for (const by of [undefined, old, { token: old.idToken }, forged]) {
      for (const way of ['query', 'protocol'] as const) await expect(connect(by, way)).rejects.toThrow();
      const client = await connect(owner, 'protocol');
      await expect(client.subscribe(MINE, { owner: owner.sub }, by ?? { token: '' })).rejects.toThrow(/Unauthorized/);
    }
    await expect((await connect(owner)).subscribe(MINE, { owner: owner.sub }, cast.other)).rejects.toThrow();
  });

  test('a change says nothing of what the view shows', async () => {
    const client = await connect(cast.owner);
    for (const field of ['title', 'data', 'status', 'totalCents', 'events']) {
      const document = `subscription { onMyChanges(owner: "${cast.owner.sub}") { id ${field} } }`;
      await expect(client.subscribe(document)).rejects.toThrow(new RegExp(field));
    }
    await expect(client.subscribe(`subscription { publishViewChange { id } }`)).rejects.toThrow();
    const asked = await client.subscribe(`subscription { onMyChanges(owner: "${cast.owner.sub}") { version } }`);
    const { version } = await world.ok(cast.owner, 'openClaim', { id: newId(), ...OPEN });
    expect(await nextOf(asked, 'onMyChanges')).toEqual({ version });
  });

  test('several at once are told each of its own, and one that was ended of nothing more', async () => {
    const { owner, other, finance } = cast;
    const [its, theirs] = [await world.claimOf(owner), await world.claimOf(other)];
    await world.settled();
    const client = await connect(finance);
    const [first, again, second] = await Promise.all(
      [its, its, theirs].map((id) => client.subscribe(ROW, { view: 'claims', id })),
    );
    const leaving = await connect(owner);
    const all = [await leaving.subscribe(MINE, { owner: owner.sub }), await mine(owner), await mine(other)];
    const change = async (by: Session, id: string) =>
      changeOf(await world.ok(by, 'addExpense', { id, ...newExpense({ amountCents: 1 }) }), by);

    const own = await change(owner, its);
    for (const watching of [first, again]) expect(await nextOf(watching, 'onViewChange')).toEqual(own);
    for (const watching of all.slice(0, 2)) expect(await nextOf(watching, 'onMyChanges')).toEqual(own);
    const foreign = await change(other, theirs);
    expect(await nextOf(second, 'onViewChange')).toEqual(foreign);
    expect(await nextOf(all[2], 'onMyChanges')).toEqual(foreign);

    await first.stop();
    await leaving.close();
    const next = await change(owner, its);
    expect(await nextOf(again, 'onViewChange')).toEqual(next);
    expect(await nextOf(all[1], 'onMyChanges')).toEqual(next);
    expect([first, again, second, ...all].map(({ waiting }) => waiting)).toEqual([[], [], [], [], [], []]);
  });

  test('a command that is refused, or comes again, tells nobody', async () => {
    const { owner } = cast;
    const subscription = await mine(owner);
    const id = newId();
    const first = await world.ok(owner, 'openClaim', { id, commandId: 'first', ...OPEN });
    await world.ok(owner, 'openClaim', { id, commandId: 'first', ...OPEN });
    await world.send(owner, 'submitClaim', { id });
    await world.send(owner, 'withdrawClaim', { id, expectedVersion: 9 });
    const last = await world.ok(owner, 'withdrawClaim', { id });
    for (const result of [first, last]) {
      expect(await nextOf(subscription, 'onMyChanges')).toEqual(changeOf(result, owner));
    }
    await world.settled();
    expect(subscription.waiting).toEqual([]);
  });

  test('changes of one claim come in the order of its versions', async () => {
    const { owner } = cast;
    const subscription = await mine(owner);
    const id = await world.claimOf(owner);
    for (let n = 0; n < 8; n++) await world.ok(owner, 'addExpense', { id, ...newExpense({ amountCents: 1 }) });
    const versions: unknown[] = [];
    while (versions.at(-1) !== 9) {
      versions.push(((await nextOf(subscription, 'onMyChanges')) as { version: number }).version);
    }
    expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
}
