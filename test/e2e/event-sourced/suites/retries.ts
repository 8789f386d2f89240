import type { TestAnswer } from '../../../../local/appsync/testing';
import type { Cast } from '../cast';
import { conflictOf, refusalOf, rejectionOf, resultOf, TIME } from '../shapes';
import { type ClaimsWorld, newExpense, newId, OPEN, text, type Variables } from '../world';

const MINUTES = 7 * 60_000;
const DAYS = 5 * 24 * 3_600_000;

/** What is told of an answer, but for headers. */
const told = ({ status, data, errors }: TestAnswer) => ({ status, data, errors });

/** Commands that come again, late, twice at once, or after the state that they were meant for. */
export function describeRetries(world: ClaimsWorld, cast: Cast): void {
  /** What a command of one id answers whenever it comes again, by what was there and has come since. */
  const comesAgain = async (
    command: string,
    variables: Variables,
    first: TestAnswer,
    meanwhile: () => Promise<unknown>,
  ) => {
    const { owner } = cast;
    const before = await world.everything();
    const again = () => world.send(owner, command, variables);
    expect(told(await again())).toEqual(told(first));
    expect(await world.changedSince(before)).toEqual([]);
    await meanwhile();
    const later = await world.everything();
    for (const ms of [MINUTES, DAYS]) {
      await world.after(ms, async () => {
        const by = await world.signIn(owner);
        expect(told(await world.send(by, command, variables))).toEqual(told(first));
      });
    }
    // Where it comes by, and what it expected, is no part of what it asks for.
    const otherwise = { ...variables, expectedVersion: 77, correlationId: newId(), causationId: newId() };
    expect(told(await world.send(owner, command, otherwise))).toEqual(told(first));
    expect(await world.changedSince(later)).toEqual([]);
  };

  test('one that was accepted is answered the same at once, minutes and days later, and does nothing', async () => {
    const { owner } = cast;
    const id = await world.claimOf(owner);
    const expense = newExpense();
    const variables = { id, commandId: newId(), ...expense };
    const first = await world.send(owner, 'addExpense', variables);
    expect(resultOf(first, 'addExpense')).toMatchObject({ version: 2 });
    await comesAgain('addExpense', variables, first, async () => {
      await world.ok(owner, 'removeExpense', { id, expenseId: expense.expenseId });
      await world.ok(owner, 'withdrawClaim', { id });
    });
  });

  test('one that was rejected stays rejected, though what it lacked is there by then', async () => {
    const { owner } = cast;
    const id = await world.claimOf(owner);
    const variables = { id, commandId: newId() };
    const first = await world.send(owner, 'submitClaim', variables);
    expect(rejectionOf(first, 'submitClaim')[0]).toBe('EMPTY_CLAIM');
    await comesAgain('submitClaim', variables, first, () => world.ok(owner, 'addExpense', { id, ...newExpense() }));
    expect(await world.ok(owner, 'submitClaim', { id })).toMatchObject({ version: 3 });
  });

  test('one that was refused for its version is no command yet: it may be sent again', async () => {
    const { owner } = cast;
    const id = await world.claimOf(owner);
    const variables = { id, commandId: newId(), ...newExpense() };
    const before = await world.everything();
    for (const expectedVersion of [0, 2, 2 ** 31 - 1]) {
      const late = await world.send(owner, 'addExpense', { ...variables, expectedVersion });
      expect(conflictOf(late, 'addExpense')).toEqual({ expectedVersion, currentVersion: 1 });
    }
    expect(await world.changedSince(before)).toEqual([]);
    expect((await world.command(owner, variables.commandId)).data).toEqual({ command: null });
    expect(await world.ok(owner, 'addExpense', { ...variables, expectedVersion: 1 })).toMatchObject({ version: 2 });
  });

  test('ten at once do what one does, and all are told of it', async () => {
    const { owner, auditor } = cast;
    const id = await world.claimOf(owner);
    const variables = { id, commandId: newId(), ...newExpense() };
    /** A client tries again where it is told to, by the same commandId. */
    const untilDone = async (): Promise<TestAnswer> => {
      for (;;) {
        const answer = await world.send(owner, 'addExpense', variables);
        const [error] = answer.errors;
        if (error?.errorType === 'Busy') refusalOf(answer, 'addExpense', 'Busy');
        else if (error?.errorType === 'VersionConflict') conflictOf(answer, 'addExpense');
        else return answer;
      }
    };
    const answers = await Promise.all(Array.from({ length: 10 }, untilDone));
    expect(new Set(answers.map((answer) => JSON.stringify(resultOf(answer, 'addExpense'))))).toEqual(
      new Set([
        JSON.stringify({
          commandId: variables.commandId,
          id,
          version: 2,
          status: 'ACCEPTED',
          events: ['ExpenseAdded'],
        }),
      ]),
    );
    expect(await world.allEvents(auditor, id)).toHaveLength(2);
  });

  test.each<[string, string, Variables]>([
    ['other arguments', 'addExpense', { amountCents: 1 }],
    ['another command', 'removeExpense', {}],
    ['another aggregate', 'addExpense', { id: 'another' }],
  ])('an id is of one command: with %s it is refused, whatever it expects', async (_, command, more) => {
    const { owner } = cast;
    for (const first of ['addExpense', 'submitClaim']) {
      const id = await world.claimOf(owner);
      const variables = { id, commandId: newId(), ...newExpense() };
      // The second of them is rejected, as there is no expense.
      await world.send(owner, first, variables);
      const before = await world.everything();
      for (const expectedVersion of [undefined, 77]) {
        const other = await world.send(owner, command, { ...variables, ...more, expectedVersion });
        expect(refusalOf(other, command, 'CommandIdReused').errorInfo).toEqual({ commandId: variables.commandId });
      }
      expect(await world.changedSince(before)).toEqual([]);
    }
  });

  test('the same id of somebody else is another command', async () => {
    const commandId = newId();
    const [mine, theirs] = [newId(), newId()];
    const first = await world.ok(cast.owner, 'openClaim', { id: mine, commandId, ...OPEN });
    const second = await world.ok(cast.other, 'openClaim', { id: theirs, commandId, ...OPEN });
    expect([first, second].map(({ id, version }) => [id, version])).toEqual([
      [mine, 1],
      [theirs, 1],
    ]);
  });

  test('what became of a command is told to its sender alone', async () => {
    const { owner, other, boss, auditor } = cast;
    const id = await world.claimOf(owner);
    const [accepted, rejected] = [newId(), newId()];
    await world.ok(owner, 'addExpense', { id, commandId: accepted, ...newExpense() });
    await world.send(owner, 'removeExpense', { id, commandId: rejected, expenseId: text('none') });
    const common = { id, version: 2, occurredAt: TIME };
    expect((await world.command(owner, accepted)).data?.command).toEqual({
      ...{ ...common, commandId: accepted, command: 'addExpense', status: 'ACCEPTED', code: null, message: null },
    });
    expect((await world.command(owner, rejected)).data?.command).toEqual({
      ...{ ...common, commandId: rejected, command: 'removeExpense', status: 'REJECTED', code: 'NO_SUCH_EXPENSE' },
      message: expect.stringMatching(/\S/) as string,
    });
    for (const by of [other, boss, auditor]) {
      for (const commandId of [accepted, rejected, newId()]) {
        expect(told(await world.command(by, commandId))).toEqual({ status: 200, data: { command: null }, errors: [] });
      }
    }
  });
}
