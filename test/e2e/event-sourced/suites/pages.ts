import type { TestAnswer } from '../../../../local/appsync/testing';
import type { Cast } from '../cast';
import { claimsByStatusQuery, myClaimsQuery } from '../documents';
import { expectBadRequest, type Page, type ViewedClaim } from '../shapes';
import { type ClaimsWorld, newExpense, type Session, type Variables } from '../world';

type Row = Pick<ViewedClaim, 'id' | 'updatedAt'> & { readonly openedAt: string };

const ROW = 'id openedAt updatedAt';

/** Lists of claims and of events, page by page. */
export function describePages(world: ClaimsWorld, cast: Cast): void {
  let lister: Session;
  let reader: Session;
  let ids: readonly string[];

  beforeAll(async () => {
    [lister, reader] = await Promise.all([world.user(), world.user('approvers')]);
    const made: string[] = [];
    for (let n = 0; n < 7; n++) made.push(await world.claimOf(lister));
    ids = made;
    // The one that was opened first is the last to be changed.
    await world.ok(lister, 'addExpense', { id: made[0], ...newExpense() });
    await world.settled();
  });

  const ask = (by: Session, list: string, variables: Variables): Promise<TestAnswer> =>
    list === 'events'
      ? world.events(by, { id: ids[0], ...variables })
      : world.queries(by)((list === 'myClaims' ? myClaimsQuery : claimsByStatusQuery)(ROW), {
          ...(list === 'myClaims' ? {} : { status: 'OPEN' }),
          ...variables,
        });
  const pageOf = async (by: Session, list: string, variables: Variables): Promise<Page<Row>> => {
    const { data, errors } = await ask(by, list, variables);
    expect(errors).toEqual([]);
    return data?.[list] as Page<Row>;
  };

  test.each([undefined, 1, 2, 3, 7, 100])('claims of the caller, newest first, by pages of %s', async (limit) => {
    const sizes: number[] = [];
    const rows = await world.pages(async (nextToken) => {
      const page = await pageOf(lister, 'myClaims', { limit, nextToken });
      sizes.push(page.items.length);
      return page;
    });
    expect(rows.map(({ id }) => id)).toEqual([...ids].reverse());
    expect(Math.max(...sizes)).toBeLessThanOrEqual(limit ?? 20);
  });

  test.each([2, 100])('claims of a status, latest change first, by pages of %i', async (limit) => {
    const all = await world.pages((nextToken) => pageOf(reader, 'claimsByStatus', { limit, nextToken }));
    const times = all.map(({ updatedAt }) => updatedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const its = all.map(({ id }) => id).filter((id) => ids.includes(id));
    expect(its).toEqual([ids[0], ...ids.slice(1).reverse()]);
  });

  test('events, oldest first, by pages of one', async () => {
    const events = await world.allEvents(cast.auditor, ids[0], 1);
    expect(events.map(({ version, type }) => [version, type])).toEqual([
      [1, 'ClaimOpened'],
      [2, 'ExpenseAdded'],
    ]);
  });

  test('who has none has an empty list', async () => {
    expect(await pageOf(cast.auditor, 'myClaims', {})).toEqual({ items: [], nextToken: null });
  });

  const LISTS = ['myClaims', 'claimsByStatus', 'events'];
  const asker = (list: string) => (list === 'myClaims' ? lister : list === 'events' ? cast.auditor : reader);

  test.each(LISTS)('%s takes a limit of 1 to 100', async (list) => {
    for (const limit of [0, -1, 101, 2 ** 31 - 1]) {
      expectBadRequest(await ask(asker(list), list, { limit }), list, 'limit');
    }
    expect((await pageOf(asker(list), list, { limit: null })).items.length).toBeGreaterThan(0);
  });

  test.each(LISTS)('%s takes back its own token, and none that was made or changed', async (list) => {
    const { nextToken } = await pageOf(asker(list), list, { limit: 1 });
    const token = String(nextToken);
    const middle = Math.floor(token.length / 2);
    const swapped = token[middle] === 'A' ? 'B' : 'A';
    for (const wrong of [
      'x',
      'null',
      '{}',
      Buffer.from('{"PK":{"S":"claims#byStatus#OPEN"},"SK":{"S":"a"}}').toString('base64'),
      `${token.slice(0, middle)}${swapped}${token.slice(middle + 1)}`,
      token.slice(0, -8),
      `${token}${token}`,
    ]) {
      expectBadRequest(await ask(asker(list), list, { limit: 1, nextToken: wrong }), list, 'nextToken');
    }
    expect((await pageOf(asker(list), list, { limit: 1, nextToken: '' })).items.length).toBe(1);
  });

  test('a token is of one list: with that of somebody else nothing of theirs is seen', async () => {
    const { nextToken } = await pageOf(lister, 'myClaims', { limit: 1 });
    const theirs = await world.claimOf(cast.other);
    await world.settled();
    const answer = await ask(cast.other, 'myClaims', { limit: 10, nextToken });
    expectBadRequest(answer, 'myClaims', 'nextToken');
    expect((await pageOf(cast.other, 'myClaims', { limit: 100 })).items.map(({ id }) => id)).toContain(theirs);
    // Nor is it of another list, or another user's of the same list.
    expectBadRequest(await ask(reader, 'claimsByStatus', { limit: 1, nextToken }), 'claimsByStatus', 'nextToken');
    const open = await pageOf(reader, 'claimsByStatus', { limit: 1 });
    const other = { status: 'PAID', limit: 1, nextToken: open.nextToken };
    expectBadRequest(await ask(reader, 'claimsByStatus', other), 'claimsByStatus', 'nextToken');
  });
}
