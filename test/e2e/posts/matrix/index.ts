import { type Caller, hasChecksum } from './callers';
import { type Fixture, makeFixture } from './fixture';
import { type Operation, type Row, ROWS, type Subject, subjectOf, type Success } from './rows';
import { type Expected, expectedOf } from './rules';
import { POSTS_ENDPOINTS } from '../../../../src/posts-api/contract';
import { inScope, sampled } from '../../../support/scope';
import type { Answer } from '../../client';
import { times } from '../../world';
import { errorOf } from '../shapes';
import type { PostsWorld } from '../world';

/** Requests under way at once. */
const WIDTH = 12;

/**
 * Who sends a request. Of those whom the API does not know, a sample has every sixth, and others for each row. Of those
 * whom it knows, it has all for the first request of an endpoint, and for the others one for each fate of each of the
 * people, with a credential that changes from row to row.
 */
function callersOf(row: Row, isFirst: boolean, at: number, { callers }: Fixture): readonly Caller[] {
  const known = callers.filter((caller) => caller.known);
  const strangers = callers.filter((caller) => !caller.known && (isFirst || !caller.detail));
  const from = at % known.length;
  const ofEachFate = new Map(
    [...known.slice(from), ...known.slice(0, from)].map((caller) => [
      JSON.stringify([caller.known?.who, expectedOf(row.rule, caller.known, row.kind)]),
      caller,
    ]),
  );
  return [...(isFirst ? known : inScope([...ofEachFate.values()], known)), ...sampled(strangers, 6, at)];
}

/** Every endpoint by everybody on everything, over HTTP; or by a sample of everybody. */
export function describeMatrix(world: PostsWorld): void {
  let fixture: Fixture;
  let cells = 0;

  beforeAll(async () => {
    fixture = await makeFixture(world);
  }, 60_000);

  afterAll(() => {
    process.stdout.write(`Access matrix: ${cells} cells\n`);
  });

  test('has a row for every endpoint, and for nothing else', () => {
    expect(Object.keys(ROWS).sort()).toEqual(Object.keys(POSTS_ENDPOINTS).sort());
    const [empty] = Object.entries(ROWS).filter(([, rows]) => rows.length === 0);
    expect(empty).toBeUndefined();
  });

  test('forges checksums as the API makes them', async () => {
    const { token } = await world.createToken(fixture.people.owner, ['read:posts']);
    expect(hasChecksum(token)).toBe(true);
  });

  const rows = Object.entries(ROWS).flatMap(([operation, ofOperation]) =>
    ofOperation.map((row, at) => [operation as Operation, row.of, row, at === 0] as const),
  );
  const numbered = rows.map((row, at) => [...row, at] as const);

  test.each(numbered)('%s: %s', async (operation, _, row, isFirst, at) => {
    const callers = callersOf(row, isFirst, at, fixture);
    expect(callers.length).toBeGreaterThan(inScope(3 + 3, 12 + 12));
    cells += await runRow(operation, row, fixture, callers);
  });
}

interface Cell {
  readonly caller: Caller;
  readonly expected: Expected;
}

/** Runs a request as everybody: who is refused changes nothing, and who is not gets what they may have. */
async function runRow(operation: Operation, row: Row, fixture: Fixture, callers: readonly Caller[]): Promise<number> {
  const cells = callers.map((caller) => ({ caller, expected: expectedOf(row.rule, caller.known, row.kind) }));
  const refused = cells.filter(({ expected }) => expected.status >= 400);
  const letIn = cells.filter(({ expected }) => expected.status < 400);
  const shared = await subjectOf(row, fixture);
  const writes = POSTS_ENDPOINTS[operation].method !== 'GET';
  const state = async () => (writes ? row.state(fixture, shared) : undefined);
  const before = await state();
  const refusals = await times(
    refused.length,
    (at) => send(operation, row, fixture, shared, refused[at].caller),
    WIDTH,
  );
  expectStatuses(operation, refused, refusals);
  expect(await state()).toEqual(before);

  const successes = await times(
    letIn.length,
    async (at) => {
      const subject = writes ? await subjectOf(row, fixture) : shared;
      return { subject, answer: await send(operation, row, fixture, subject, letIn[at].caller) };
    },
    WIDTH,
  );
  expectStatuses(
    operation,
    letIn,
    successes.map(({ answer }) => answer),
  );
  await times(
    letIn.length,
    async (at) => {
      const { caller } = letIn[at];
      const { subject, answer } = successes[at];
      const known = caller.known as Success['known'];
      const again = (cursor: string) => send(operation, row, fixture, subject, caller, cursor);
      await row.check({ fixture, subject, known, answer, again });
    },
    WIDTH,
  );
  return cells.length;
}

async function send(
  operation: Operation,
  row: Row,
  fixture: Fixture,
  { path, standIn }: Subject,
  { known, headers }: Caller,
  cursor?: string,
): Promise<Answer> {
  const { method, path: template } = POSTS_ENDPOINTS[operation];
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => path[name]);
  const query = `${row.query?.(fixture) ?? ''}${cursor === undefined ? '' : `&cursor=${cursor}`}`;
  const proof = known?.proof === 'session' && standIn ? { authorization: `Bearer ${standIn.token}` } : headers;
  return fixture.world.request(method, `${filled}${query}`, { body: row.body?.(fixture), headers: proof });
}

/** By names, so that a failure says who was let in, or was not. */
function expectStatuses(operation: Operation, cells: readonly Cell[], answers: readonly Answer[]): void {
  const shown = (name: string, { status, code }: Expected) => `${operation}, ${name}: ${status} ${code ?? ''}`;
  const got = answers.map((answer, at) => {
    const code = answer.status >= 400 ? errorOf(answer).code : undefined;
    return shown(cells[at].caller.name, { status: answer.status, code });
  });
  expect(got).toEqual(cells.map(({ caller, expected }) => shown(caller.name, expected)));
}
