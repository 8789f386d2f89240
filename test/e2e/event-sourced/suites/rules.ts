import { sampled } from '../../../support/scope';
import type { Cast } from '../cast';
import { rejectionOf } from '../shapes';
import { type ClaimsWorld, newExpense, newId, OPEN, text, type Variables } from '../world';

/** Claims by where they are on their way, one each, which no refused command may change. */
const STATES = ['NONE', 'OPEN', 'SUBMITTED', 'REJECTED', 'APPROVED', 'PAID', 'WITHDRAWN', 'OF_BOSS'] as const;
type State = (typeof STATES)[number];

type Who = keyof Cast;
type Rule = readonly [state: State, by: Who, command: string, args: Variables, code: string, message: RegExp];

const LONG = 'x'.repeat(201);
const TOMORROW = new Date(Date.now() + 2 * 24 * 3_600_000).toISOString().slice(0, 10);
const EXPENSE = newExpense();

/** Commands that need another state than the claim is in. */
function wrongStatus(states: readonly State[], by: Who, command: string, args: Variables = {}): Rule[] {
  return sampled(states, 2).map((state): Rule => [
    state,
    by,
    command,
    args,
    'WRONG_STATUS',
    new RegExp(`it is ${state}`),
  ]);
}

const invalid = (command: string, args: Variables, field: string): Rule => [
  ...([command === 'openClaim' ? 'NONE' : 'OPEN', 'owner', command] as const),
  ...([args, 'INVALID_ARGUMENT', new RegExp(`^${field} must `)] as const),
];

const RULES: readonly Rule[] = [
  ['OPEN', 'owner', 'openClaim', OPEN, 'ALREADY_EXISTS', /id/],
  ['OPEN', 'other', 'openClaim', OPEN, 'ALREADY_EXISTS', /id/],
  invalid('openClaim', { ...OPEN, title: ' ' }, 'title'),
  invalid('openClaim', { ...OPEN, title: LONG }, 'title'),
  invalid('openClaim', { ...OPEN, limitCents: 0 }, 'limitCents'),
  invalid('openClaim', { ...OPEN, limitCents: -5 }, 'limitCents'),
  invalid('openClaim', { ...OPEN, limitCents: 100_000_001 }, 'limitCents'),
  invalid('openClaim', { ...OPEN, currency: 'euro' }, 'currency'),
  invalid('openClaim', { ...OPEN, currency: 'EUR\n' }, 'currency'),
  invalid('addExpense', { ...EXPENSE, expenseId: 'a b' }, 'expenseId'),
  invalid('addExpense', { ...EXPENSE, expenseId: 'x'.repeat(65) }, 'expenseId'),
  invalid('addExpense', { ...EXPENSE, description: '' }, 'description'),
  invalid('addExpense', { ...EXPENSE, description: 'x'.repeat(501) }, 'description'),
  invalid('addExpense', { ...EXPENSE, amountCents: 0 }, 'amountCents'),
  invalid('addExpense', { ...EXPENSE, amountCents: -1 }, 'amountCents'),
  invalid('addExpense', { ...EXPENSE, spentOn: TOMORROW }, 'spentOn'),
  ['OPEN', 'owner', 'addExpense', { ...EXPENSE, amountCents: 38_001 }, 'LIMIT_EXCEEDED', /50001 cents/],
  ['OPEN', 'owner', 'addExpense', { ...EXPENSE, expenseId: 'train' }, 'EXPENSE_EXISTS', /id/],
  ['OPEN', 'owner', 'removeExpense', { expenseId: 'none' }, 'NO_SUCH_EXPENSE', /id/],
  ['OPEN', 'owner', 'removeExpense', { expenseId: 'constructor' }, 'NO_SUCH_EXPENSE', /id/],
  ['OF_BOSS', 'boss', 'submitClaim', {}, 'EMPTY_CLAIM', /expense/],

  ...(['addExpense', 'removeExpense', 'submitClaim', 'withdrawClaim'] as const).flatMap((command): Rule[] => {
    const args = command === 'addExpense' ? EXPENSE : command === 'removeExpense' ? { expenseId: 'train' } : {};
    return [
      ['NONE', 'owner', command, args, 'NOT_FOUND', /no such claim/],
      ['OPEN', 'other', command, args, 'NOT_FOUND', /no such claim/],
      ['OPEN', 'boss', command, args, 'NOT_FOUND', /no such claim/],
    ];
  }),
  ...wrongStatus(['SUBMITTED', 'APPROVED', 'PAID', 'WITHDRAWN'], 'owner', 'addExpense', EXPENSE),
  ...wrongStatus(['SUBMITTED', 'APPROVED', 'PAID', 'WITHDRAWN'], 'owner', 'removeExpense', { expenseId: 'train' }),
  ...wrongStatus(['SUBMITTED', 'APPROVED', 'PAID', 'WITHDRAWN'], 'owner', 'submitClaim'),
  ...wrongStatus(['APPROVED', 'PAID', 'WITHDRAWN'], 'owner', 'withdrawClaim'),
  ...wrongStatus(['OPEN', 'REJECTED', 'APPROVED', 'PAID', 'WITHDRAWN'], 'approver', 'approveClaim'),
  ...wrongStatus(['OPEN', 'REJECTED', 'APPROVED', 'PAID', 'WITHDRAWN'], 'approver', 'rejectClaim', { reason: 'no' }),
  ...wrongStatus(['OPEN', 'SUBMITTED', 'REJECTED', 'PAID', 'WITHDRAWN'], 'finance', 'payClaim', { reference: 'x' }),

  ...(['owner', 'other', 'finance', 'auditor'] as const).flatMap((by): Rule[] => [
    ['SUBMITTED', by, 'approveClaim', {}, 'FORBIDDEN', /approvers/],
    ['SUBMITTED', by, 'rejectClaim', { reason: 'no' }, 'FORBIDDEN', /approvers/],
  ]),
  ...(['owner', 'other', 'approver', 'auditor'] as const).map((by): Rule => [
    'APPROVED',
    by,
    'payClaim',
    { reference: 'x' },
    'FORBIDDEN',
    /finance/,
  ]),
  ...(['approveClaim', 'rejectClaim', 'payClaim'] as const).map((command): Rule => [
    'OF_BOSS',
    'boss',
    command,
    argsOf(command),
    'OWN_CLAIM',
    /of their own/,
  ]),
  ['NONE', 'approver', 'approveClaim', {}, 'NOT_FOUND', /no such claim/],
  ['NONE', 'finance', 'payClaim', { reference: 'x' }, 'NOT_FOUND', /no such claim/],
  ['SUBMITTED', 'approver', 'approveClaim', { note: ' ' }, 'INVALID_ARGUMENT', /^note must /],
  ['SUBMITTED', 'approver', 'approveClaim', { note: 'x'.repeat(501) }, 'INVALID_ARGUMENT', /^note must /],
  ['SUBMITTED', 'approver', 'rejectClaim', { reason: '' }, 'INVALID_ARGUMENT', /^reason must /],
  ['APPROVED', 'finance', 'payClaim', { reference: 'x'.repeat(101) }, 'INVALID_ARGUMENT', /^reference must /],
];

function argsOf(command: string): Variables {
  if (command === 'rejectClaim') return { reason: 'no' };
  return command === 'payClaim' ? { reference: 'x' } : {};
}

/** Every rule of the domain, at a claim that is there. */
export function describeRules(world: ClaimsWorld, cast: Cast): void {
  const ids = new Map<State, string>();

  beforeAll(async () => {
    const { owner, approver, finance, boss } = cast;
    const train = newExpense({ expenseId: 'train' });
    const steps: readonly (readonly [string, (id: string) => Promise<unknown>])[] = [
      ['openClaim', (id) => world.ok(owner, 'openClaim', { id, ...OPEN })],
      ['addExpense', (id) => world.ok(owner, 'addExpense', { id, ...train })],
      ['submitClaim', (id) => world.ok(owner, 'submitClaim', { id })],
      ['approveClaim', (id) => world.ok(approver, 'approveClaim', { id })],
      ['payClaim', (id) => world.ok(finance, 'payClaim', { id, reference: text('SEPA') })],
    ];
    const make = async (state: State, count: number, last?: (id: string) => Promise<unknown>) => {
      const id = newId();
      ids.set(state, id);
      for (const [, step] of steps.slice(0, count)) await step(id);
      await last?.(id);
    };
    await Promise.all([
      make('NONE', 0),
      make('OPEN', 2),
      make('SUBMITTED', 3),
      make('REJECTED', 3, (id) => world.ok(approver, 'rejectClaim', { id, reason: text('no') })),
      make('APPROVED', 4),
      make('PAID', 5),
      make('WITHDRAWN', 2, (id) => world.ok(owner, 'withdrawClaim', { id })),
      make('OF_BOSS', 0, (id) => world.ok(boss, 'openClaim', { id, ...OPEN })),
    ]);
  });

  test(`${RULES.length} commands are refused by their rule, are kept as that, and change nothing`, async () => {
    const before = await world.everything();
    const known = new Set(sampled(RULES, 8));
    const told = await Promise.all(
      RULES.map(async (rule) => {
        const [state, by, command, args, , message] = rule;
        const commandId = newId();
        const answer = await world.send(cast[by], command, { id: ids.get(state), commandId, ...args });
        const what = `${by} ${command} ${state} ${JSON.stringify(args).slice(0, 60)}`;
        // What was meant is said by the title of a failure.
        const [code, said] =
          answer.errors[0]?.errorType === 'CommandRejected' ? rejectionOf(answer, command) : ['', ''];
        if (known.has(rule)) {
          const { data } = await world.command(cast[by], commandId);
          expect([what, data?.command]).toEqual([
            what,
            expect.objectContaining({
              commandId,
              command,
              id: ids.get(state),
              status: 'REJECTED',
              code,
              message: said,
            }),
          ]);
        }
        return [what, code, message.test(said) ? '' : said];
      }),
    );
    expect(told).toEqual(
      RULES.map(([state, by, command, args, code]) => [
        `${by} ${command} ${state} ${JSON.stringify(args).slice(0, 60)}`,
        code,
        '',
      ]),
    );
    // Of each, what is kept of the command itself.
    const changed = await world.changedSince(before);
    expect(changed.filter((key) => !key.startsWith('COMMAND#'))).toEqual([]);
    expect(changed).toHaveLength(RULES.length);
  });

  test('every command that there is has a rule here, and every state of a claim', () => {
    expect(new Set(RULES.map(([state]) => state))).toEqual(new Set(STATES));
    expect(new Set(RULES.map(([, , command]) => command)).size).toBe(8);
  });

  test('a claim takes as much as its limit says, and not a cent more', async () => {
    const { owner } = cast;
    const id = await world.claimOf(owner, 'OPEN', { limitCents: 100 });
    await world.ok(owner, 'addExpense', { id, ...newExpense({ amountCents: 99 }) });
    const late = await world.send(owner, 'addExpense', { id, ...newExpense({ amountCents: 2 }) });
    expect(rejectionOf(late, 'addExpense')[0]).toBe('LIMIT_EXCEEDED');
    expect(await world.ok(owner, 'addExpense', { id, ...newExpense({ amountCents: 1 }) })).toMatchObject({
      version: 3,
    });
  });
}
