import { domain as definition } from './domain';
import type { ClaimCommands, ClaimView } from './model';
import { Aggregate } from '../domain/aggregate';
import { domainOf } from '../domain/domain';
import type { StoredEvent } from '../domain/events';
import { type Command, type Decision, handleCommand } from '../domain/handle-command';
import { fold, viewsOf } from '../domain/views';

const domain = domainOf(definition);
const [claims] = viewsOf(domain);

const ANN = { sub: 'ann', username: 'ann', groups: [] };
const BOB = { sub: 'bob', username: 'bob', groups: ['approvers'] };
const FAY = { sub: 'fay', username: 'fay', groups: ['finance'] };
const NOON = Date.UTC(2026, 10, 22, 12);

let stored: StoredEvent[];
beforeEach(() => (stored = []));

let sent = 0;
const store = {
  history: async () => ({ events: stored }),
};

/** Sends a command; what it makes is stored. */
async function send<Name extends keyof ClaimCommands>(
  command: Name,
  args: ClaimCommands[Name],
  actor: Command['actor'] = ANN,
): Promise<Decision> {
  const ids = { now: () => NOON + sent * 1000, newId: () => `e${++sent}` };
  const decision = await handleCommand({ ...ids, events: store }, domain, {
    ...{ command, id: 'c1', commandId: `k${sent}`, correlationId: `k${sent}`, actor },
    arguments: { ...args },
  });
  if (decision.outcome === 'ACCEPTED') stored.push(...decision.events);
  return decision;
}

/** What a command that is refused is told. */
const refused = async (decision: Promise<Decision>) => {
  const { outcome, ...told } = await decision;
  return outcome === 'REJECTED' && 'record' in told ? [told.record.code, told.record.message] : [outcome];
};
const shown = () => fold(claims, undefined, stored).row;

const OPEN = { title: ' Berlin ', limitCents: 50_000, currency: 'EUR' };
const TRAIN: ClaimCommands['addExpense'] = {
  ...{ expenseId: 'train', description: 'Train', amountCents: 12_000, spentOn: '2026-11-20' },
  category: 'TRAVEL',
};

async function submitted() {
  await send('openClaim', OPEN);
  await send('addExpense', TRAIN);
  await send('submitClaim', {});
}

test('a claim goes from opened to paid, and every step is an event', async () => {
  await submitted();
  await send('approveClaim', { note: 'fine' }, BOB);
  await send('payClaim', { reference: 'SEPA 1' }, FAY);
  expect(stored.map(({ version, type, schemaVersion, actor }) => [version, type, schemaVersion, actor])).toEqual([
    [1, 'ClaimOpened', 2, 'ann'],
    [2, 'ExpenseAdded', 1, 'ann'],
    [3, 'ClaimSubmitted', 1, 'ann'],
    [4, 'ClaimApproved', 1, 'bob'],
    [5, 'ClaimPaid', 1, 'fay'],
  ]);
  const { data, owner, lists, position } = shown()!;
  expect({ owner, position, lists }).toEqual({
    owner: 'ann',
    position: 5,
    lists: {
      byOwner: { value: 'ann', sort: stored[0].occurredAt },
      byStatus: { value: 'PAID', sort: stored[4].occurredAt },
    },
  });
  expect(data as unknown as ClaimView).toMatchObject({
    ...{ id: 'c1', version: 5, owner: 'ann', title: 'Berlin', status: 'PAID', limitCents: 50_000, currency: 'EUR' },
    ...{ totalCents: 12_000, decidedBy: 'bob', decisionNote: 'fine', paidBy: 'fay', paymentReference: 'SEPA 1' },
    expenses: [{ id: 'train', amountCents: 12_000, category: 'TRAVEL', spentOn: '2026-11-20' }],
  });
});

test('one that was rejected is put right, submitted again, and shows nothing of the first decision', async () => {
  await submitted();
  await send('rejectClaim', { reason: 'no receipt' }, BOB);
  expect(shown()?.data).toMatchObject({ status: 'REJECTED', decisionNote: 'no receipt', decidedBy: 'bob' });
  await send('removeExpense', { expenseId: 'train' });
  expect(await refused(send('submitClaim', {}))).toEqual(['EMPTY_CLAIM', 'A claim needs an expense']);
  await send('addExpense', { ...TRAIN, amountCents: 9_000 });
  await send('submitClaim', {});
  expect(shown()?.data).toMatchObject({ status: 'SUBMITTED', totalCents: 9_000 });
  expect(shown()?.data).not.toHaveProperty('decidedBy');
  expect((await send('withdrawClaim', {})).outcome).toBe('ACCEPTED');
  expect(shown()?.lists.byStatus.value).toBe('WITHDRAWN');
  expect(await refused(send('submitClaim', {}))).toEqual([
    'WRONG_STATUS',
    'The claim must be OPEN or REJECTED, it is WITHDRAWN',
  ]);
});

test('nobody touches the claim of somebody else, or decides about their own', async () => {
  expect(await refused(send('submitClaim', {}))).toEqual(['NOT_FOUND', 'There is no such claim']);
  expect(await refused(send('approveClaim', {}))).toEqual(['FORBIDDEN', 'Only members of approvers may do this']);
  await submitted();
  for (const foreign of [
    send('addExpense', TRAIN, BOB),
    send('removeExpense', { expenseId: 'train' }, BOB),
    send('submitClaim', {}, FAY),
    send('withdrawClaim', {}, BOB),
  ]) {
    // As where there is none: nobody learns which ids there are.
    expect(await refused(foreign)).toEqual(['NOT_FOUND', 'There is no such claim']);
  }
  const own = { ...ANN, groups: ['approvers', 'finance'] };
  expect((await refused(send('approveClaim', {}, own)))[0]).toBe('OWN_CLAIM');
  expect((await refused(send('rejectClaim', { reason: 'x' }, FAY)))[0]).toBe('FORBIDDEN');
  await send('approveClaim', {}, BOB);
  expect((await refused(send('payClaim', { reference: 'x' }, own)))[0]).toBe('OWN_CLAIM');
  expect((await refused(send('payClaim', { reference: 'x' }, BOB)))[0]).toBe('FORBIDDEN');
  expect((await refused(send('withdrawClaim', {})))[0]).toBe('WRONG_STATUS');
});

test.each<[string, Partial<ClaimCommands['openClaim']>, string]>([
  ['no title', { title: '  ' }, 'title must be 1 to 200 characters, got: 0'],
  ['a long title', { title: 'x'.repeat(201) }, 'title must be 1 to 200 characters, got: 201'],
  [
    'a title of control characters',
    { title: '\u0001'.repeat(101) },
    'title must be at most 600 bytes of JSON, got: 606',
  ],
  ['no limit', { limitCents: 0 }, 'limitCents must be 1 to 100000000, got: 0'],
  ['a limit beyond all', { limitCents: 100_000_001 }, 'limitCents must be 1 to 100000000, got: 100000001'],
  ['no currency', { currency: 'euro' }, 'currency must be three capital letters, as of ISO 4217'],
])('a claim with %s is rejected', async (_, wrong, message) => {
  expect(await refused(send('openClaim', { ...OPEN, ...wrong }))).toEqual(['INVALID_ARGUMENT', message]);
});

test.each<[string, Partial<ClaimCommands['addExpense']>, string]>([
  ['more than is left of the limit', { amountCents: 38_001 }, 'LIMIT_EXCEEDED'],
  ['an id that is there', { expenseId: 'train' }, 'EXPENSE_EXISTS'],
  ['an id that is none', { expenseId: 'a b' }, 'INVALID_ARGUMENT'],
  ['nothing', { amountCents: 0 }, 'INVALID_ARGUMENT'],
  ['a description of spaces', { description: ' ' }, 'INVALID_ARGUMENT'],
  ['a day that is still to come', { spentOn: '2026-11-24' }, 'INVALID_ARGUMENT'],
])('an expense of %s is rejected', async (_, wrong, code) => {
  await send('openClaim', OPEN);
  await send('addExpense', TRAIN);
  const hotel = { ...TRAIN, expenseId: 'hotel', amountCents: 38_000 };
  expect((await refused(send('addExpense', { ...hotel, ...wrong })))[0]).toBe(code);
  expect((await send('addExpense', hotel)).outcome).toBe('ACCEPTED');
});

test('a claim is opened once, has at most a hundred expenses, and loses only what it has', async () => {
  await send('openClaim', OPEN);
  expect((await refused(send('openClaim', OPEN)))[0]).toBe('ALREADY_EXISTS');
  expect((await refused(send('removeExpense', { expenseId: 'toString' })))[0]).toBe('NO_SUCH_EXPENSE');
  for (let n = 0; n < 100; n++) await send('addExpense', { ...TRAIN, expenseId: `x${n}`, amountCents: 1 });
  expect((await refused(send('addExpense', TRAIN)))[0]).toBe('TOO_MANY_EXPENSES');
});

test.each([
  ['characters of three bytes', '漢'.repeat(500)],
  ['characters of four bytes', '💶'.repeat(250)],
  ['control characters, as many as it takes', '\u0001'.repeat(250)],
])('a claim that is as large as claims may be is one that its view takes: %s', async (_, text) => {
  await send('openClaim', { ...OPEN, title: text.slice(0, 100), limitCents: 100_000_000 });
  for (let n = 0; n < 100; n++) {
    const hotel = { ...TRAIN, expenseId: String(n).padStart(64, 'x'), amountCents: 1_000_000 };
    await send('addExpense', { ...hotel, category: 'EQUIPMENT', description: text });
  }
  await send('submitClaim', {});
  await send('approveClaim', { note: text }, BOB);
  await send('payClaim', { reference: text.slice(0, 50) }, FAY);
  const { position, data } = shown()!;
  expect(position).toBe(104);
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(180_000);
});

test('what JSON makes more of than a view takes is refused before it is a fact', async () => {
  await send('openClaim', OPEN);
  expect(await refused(send('addExpense', { ...TRAIN, description: '\u0001'.repeat(498) }))).toEqual([
    ...['INVALID_ARGUMENT', 'description must be at most 1500 bytes of JSON, got: 2988'],
  ]);
});

test('an event of the first schema version is what it would be today', async () => {
  await submitted();
  const { title } = stored[0].data as { title: string };
  const old = { ...stored[0], schemaVersion: 1, data: { title, limit: 500 } };
  const all = [old, ...stored.slice(1)];
  expect(fold(claims, undefined, all)).toEqual(fold(claims, undefined, stored));
  expect(Aggregate.initial(domain).after(all).state).toEqual(Aggregate.initial(domain).after(stored).state);
});
