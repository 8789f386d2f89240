import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Build, buildDomain } from './event-sourced/built-domain';
import { claimsByStatusQuery, myClaimsQuery, WHOLE_CLAIM } from './event-sourced/documents';
import { FAST, Operator } from './event-sourced/operator';
import type { Page } from './event-sourced/shapes';
import { expectFolded, rowsOf } from './event-sourced/views';
import { type ClaimsOptions, ClaimsWorld, MARK, newExpense, newId, OPEN, type Session } from './event-sourced/world';
import { connectRealtime } from '../../local/appsync/testing';
import { inScope } from '../support/scope';
import { seeded } from '../support/seeded';

/**
 * Views that are rebuilt, compared, redriven and put in the place of others, over three deployments on the same data: the
 * first with a fault in its view, the second mended and with a second view, the third with that one alone.
 */

jest.setTimeout(120_000);

const root = mkdtempSync(join(tmpdir(), 'event-sourced-'));
const dataDir = join(root, 'data');
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is of all deployments. */
interface Known {
  owners: readonly Session[];
  boss: Session;
  auditor: Session;
  readonly claims: Map<string, Session>;
  poisoned: string;
}
const known = { claims: new Map<string, Session>() } as Known;

let world: ClaimsWorld;
let operator: Operator;

/** Starts a deployment before the tests of a block, as one that takes the place of the last. */
function useDeployment(name: string, build: Build, options: ClaimsOptions = {}): void {
  beforeAll(async () => {
    const folder = join(root, name);
    mkdirSync(folder);
    const domain = buildDomain(folder, build);
    world = new ClaimsWorld();
    await world.start({ dataDir, ...options, props: { domain, ...options.props } });
    operator = new Operator(world);
    if (known.boss !== undefined) await signInAgain();
  }, 180_000);
  afterAll(() => world.stop(), 60_000);
}

async function signInAgain(): Promise<void> {
  const again = async (user: Session): Promise<Session> => ({ ...user, ...(await world.signIn(user)) });
  known.owners = await Promise.all(known.owners.map(again));
  [known.boss, known.auditor] = await Promise.all([known.boss, known.auditor].map(again));
  for (const [id, { sub }] of known.claims) {
    known.claims.set(id, known.owners.find((owner) => owner.sub === sub) as Session);
  }
  // Where calls fail, an API may not get the keys of the pool at once; then it has them.
  const ask = '{ __typename }';
  while ((await world.commands(known.boss)(ask)).status === 401);
  while ((await world.queries(known.boss)(ask)).status === 401);
}

/** A claim as one of the boss's queries shows it, asked for as often as calls fail. */
async function seen(id: string, selection: string): Promise<unknown> {
  for (;;) {
    const { data, errors } = await world.claim(known.boss, id, selection);
    const [error] = errors;
    if (error === undefined) return data?.claim;
    expect(TRY_AGAIN).toContain(error.errorType);
  }
}

async function openClaim(owner: Session): Promise<string> {
  const id = newId();
  await untilDone(owner, 'openClaim', { id, ...OPEN, limitCents: 100_000_000 });
  known.claims.set(id, owner);
  return id;
}

const TRY_AGAIN = ['Busy', 'VersionConflict', 'InternalError'];

/** As a client does: by the same commandId, until it is told what became of it. @returns its code where it is rejected */
async function untilDone(by: Session, command: string, variables: object): Promise<string> {
  const sent = { commandId: newId(), ...variables };
  for (;;) {
    const { errors } = await world.send(by, command, sent);
    const [error] = errors;
    if (error === undefined) return '';
    if (error.errorType === 'CommandRejected') return (error.errorInfo as { code: string }).code;
    expect(TRY_AGAIN).toContain(error.errorType);
  }
}

const same = String;
const second = (title: unknown) => `2: ${String(title)}`;

describe('the first deployment, whose view has a fault,', () => {
  // Parts of a slow rebuild wait in processes of their own; commands of operators come between them.
  useDeployment('first', { views: ['claims'], isMended: false }, { maxProcesses: 6 });

  beforeAll(async () => {
    known.owners = await Promise.all([world.user(), world.user(), world.user()]);
    [known.boss, known.auditor] = await Promise.all([world.user('approvers', 'finance'), world.user('auditors')]);
    for (const owner of known.owners) {
      for (let n = 0; n < inScope(3, 12); n++) await openClaim(owner);
    }
    known.poisoned = await openClaim(known.owners[0]);
  });

  const addExpense = (id: string, more: object = {}) =>
    world.ok(known.claims.get(id) as Session, 'addExpense', { id, ...newExpense({ amountCents: 1, ...more }) });

  test('parks a claim that its view cannot take, and goes on with all others', async () => {
    const { poisoned } = known;
    expect(await addExpense(poisoned, { description: `${MARK} poison` })).toMatchObject({ version: 2 });
    // Its rules go on, whatever a view makes of it.
    expect(await addExpense(poisoned)).toMatchObject({ version: 3 });
    for (const id of known.claims.keys()) if (id !== poisoned) await addExpense(id);
    await expectFolded(world, 'claims', same, [poisoned]);
    expect(await world.seen(known.owners[0], poisoned)).toMatchObject({ version: 1, totalCents: 0 });
  });

  test('says so to operators, and nothing of what it holds', async () => {
    const { poisoned } = known;
    const job = await operator.run('verify', 'claims');
    expect(job).toMatchObject({ phase: 'done', aggregates: known.claims.size, stuck: 1, wrong: 0, behind: 0 });
    expect(job.examples.map(({ id }) => id)).toEqual([poisoned]);
    const tried = await operator.send<{ redriven: number; left: number; reasons: { reason: string }[] }>({
      command: 'redrive',
    });
    expect(tried.redriven).toBe(0);
    expect(tried.left).toBeGreaterThan(0);
    // What stays is not hidden from whoever asks again.
    expect(await operator.send({ command: 'redrive' })).toMatchObject({ redriven: 0, left: tried.left });
    for (const { reason } of tried.reasons) expect(reason).toContain(`claims of ${poisoned} at version 2`);
    for (const told of [JSON.stringify(job), JSON.stringify(tried)]) expect(told).not.toContain(MARK);
    expect(world.lines().filter(({ text }) => text.includes(MARK))).toEqual([]);
    expect(world.lines().filter(({ text }) => text.includes('aggregate is parked'))).not.toEqual([]);
  });

  test('shows operators the events of a claim, page by page', async () => {
    const { poisoned, owners } = known;
    const first = await operator.send<{ events: object[]; more: boolean }>({
      command: 'events',
      id: poisoned,
      limit: 2,
    });
    const rest = await operator.send<{ events: object[]; more: boolean }>({
      command: 'events',
      id: poisoned,
      after: 2,
    });
    expect([...first.events, ...rest.events]).toMatchObject(
      ['ClaimOpened', 'ExpenseAdded', 'ExpenseAdded'].map((type, index) => ({
        ...{ type, version: index + 1, id: poisoned, actor: owners[0].sub },
      })),
    );
    expect([first.events.length, first.more, rest.more]).toEqual([2, true, false]);
  });

  test('takes an old event for what it would be today', async () => {
    const [owner] = known.owners;
    const id = newId();
    const occurredAt = '2020-01-01T00:00:00.000Z';
    const data = { title: `${MARK} of old`, limit: 500 };
    await world.putEvents([
      {
        ...{ PK: `ExpenseClaim#${id}`, SK: '000000000001', kind: 'event', type: 'ClaimOpened', schemaVersion: 1, data },
        ...{ aggregateType: 'ExpenseClaim', aggregateId: id, version: 1, eventId: newId(), actor: owner.sub },
        ...{ occurredAt, commandId: 'old', correlationId: 'old' },
      },
    ]);
    known.claims.set(id, owner);
    const over = await world.send(owner, 'addExpense', { id, ...newExpense({ amountCents: 50_001 }) });
    expect(over.errors).toMatchObject([{ errorInfo: { code: 'LIMIT_EXCEEDED' } }]);
    expect(await addExpense(id, { amountCents: 50_000 })).toMatchObject({ version: 2 });
    await world.settled();
    const shown = { limitCents: 50_000, currency: 'EUR', totalCents: 50_000, openedAt: occurredAt };
    expect(await world.seen(owner, id, 'limitCents currency totalCents openedAt')).toEqual(shown);
  });

  test.each<[object, RegExp]>([
    [{ command: 'explode' }, /A command is .*rebuild, verify or erase/],
    [{ command: 'rebuild' }, /A command is/],
    [{ command: 'rebuild', view: 'claims', maxReadUnitsPerSecond: 0 }, /at least 1/],
    [{ command: 'rebuild', view: 'nothing' }, /has no view nothing, it has: claims/],
    [{ command: 'erase', view: 'claims' }, /is one of the domain/],
    [{ command: 'events', id: 'a#b' }, /A command is/],
    [{ command: 'events', id: 'a', limit: 1001 }, /A command is/],
    [{ command: 'resume', view: 'claims' }, /Nothing of the view claims is to be resumed/],
    [{ command: 'cancel', view: 'nothing' }, /there was no job of it/],
  ])('refuses %j, and says why', async (command, reason) => {
    await expect(operator.send(command)).rejects.toThrow(reason);
  });

  test('rebuilds no faster than it may, by other rates while it runs, and may be cancelled', async () => {
    await operator.send({ command: 'rebuild', view: 'claims', maxReadUnitsPerSecond: 1, maxWriteUnitsPerSecond: 1 });
    await expect(operator.send({ command: 'verify', view: 'claims' })).rejects.toThrow(/One job of a view at a time/);
    const { job } = await operator.status('claims');
    expect(job).toMatchObject({ phase: 'running', kind: 'rebuild', maxReadUnitsPerSecond: 1 });
    await operator.send({ command: 'cancel', view: 'claims' });
    expect((await operator.status('claims')).job).toMatchObject({ phase: 'cancelled' });
    await operator.send({ command: 'rebuild', view: 'claims', maxReadUnitsPerSecond: 1, maxWriteUnitsPerSecond: 1 });
    await operator.send({ command: 'rate', view: 'claims', maxReadUnitsPerSecond: 2 });
    const { complete, job: slow } = await operator.status('claims');
    expect([complete, slow]).toEqual([
      expect.any(Boolean),
      expect.objectContaining({ phase: 'running', maxReadUnitsPerSecond: 2, maxWriteUnitsPerSecond: 1 }),
    ]);
    expect(slow?.progress).toBeLessThan(1);
    // And here it is killed, in the middle of it.
  });
});

/** Messages of a queue are lost with the machine that had them. */
function loseMessages(queue: string): void {
  const file = join(dataDir, 'queues.json');
  const queues = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const names = Object.keys(queues).filter((name) => name.includes(queue));
  expect(names).toHaveLength(1);
  writeFileSync(file, JSON.stringify({ ...queues, [names[0]]: [] }));
}

describe('the second deployment, which is mended and brings a second view,', () => {
  beforeAll(() => loseMessages('OperationsQueue'));
  // Streams and what is read are late, calls fail, and records come twice and in another order.
  useDeployment(
    'second',
    { views: ['claims', 'claims-v2'], isMended: true },
    { faultSeed: 11, lag: { gsi: 400, stream: 400, reads: 400 }, maxProcesses: 3, callLatencyMs: () => latencyMs },
  );

  /** How long calls take while many write to one claim: long enough for others to come between. */
  let latencyMs = 0;
  interface Redriven {
    readonly redriven: number;
    readonly left: number;
  }
  /** Asked again where the call of the projector fails, of which nobody knows whether it has begun. */
  async function redrive(): Promise<Redriven> {
    for (;;) {
      try {
        return await operator.send<Redriven>({ command: 'redrive' });
      } catch (error) {
        expect(String(error)).toMatch(/ServiceException|InternalError|ECONNRESET|socket hang up/);
      }
    }
  }

  test('brings up what was parked, tells its owner of it, and the queue is empty then', async () => {
    await world.settled();
    const { poisoned } = known;
    const owner = known.claims.get(poisoned) as Session;
    const client = await connectRealtime(world.queryUrl, owner);
    const changes = await client.subscribe(
      'subscription s($id: ID!) { onViewChange(view: "claims", id: $id) { version } }',
      {
        id: poisoned,
      },
    );
    const { redriven, left } = await redrive();
    expect([redriven > 0, left]).toEqual([true, 0]);
    expect(await redrive()).toMatchObject({ redriven: 0, left: 0 });
    expect((await changes.next()).data).toEqual({ onViewChange: { version: 3 } });
    await client.close();
    expect(await seen(poisoned, 'version totalCents')).toEqual({ version: 3, totalCents: 2 });
  });

  test('goes on with the rebuild that was killed, once its lost messages are sent again', async () => {
    await world.settled();
    const { complete, job: lost } = await operator.status('claims');
    expect([complete, lost?.phase]).toEqual([false, 'running']);
    await operator.send({ command: 'rate', view: 'claims', ...FAST });
    await operator.send({ command: 'resume', view: 'claims' });
    const job = await operator.finished('claims');
    expect(job).toMatchObject({ id: lost?.id, phase: 'done', progress: 1, stuck: 0 });
    // Part of it is by the view as it was.
    expect((await operator.status('claims')).complete).toBe(false);
    expect(await operator.run('rebuild', 'claims')).toMatchObject({ phase: 'done', stuck: 0 });
    expect((await operator.status('claims')).complete).toBe(true);
  });

  test('has nothing of old claims in the second view yet, and says that it is not complete', async () => {
    const { complete, job } = await operator.status('claims-v2');
    expect([complete, job]).toEqual([false, undefined]);
    expect((await rowsOf(world, 'claims-v2')).size).toBe(0);
    const [id, owner] = [...known.claims][0];
    await untilDone(owner, 'addExpense', { id, ...newExpense({ amountCents: 1 }) });
    await world.settled();
    // A claim that is written to is there with all of its events.
    expect([...(await rowsOf(world, 'claims-v2')).values()]).toMatchObject([{ id, expenses: [{}, {}] }]);
  });

  test('rebuilds both views while commands go on, and both are what the events make', async () => {
    const random = seeded(3);
    latencyMs = inScope(10, 20);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const write = async (): Promise<string> => {
      const all = [...known.claims];
      // Some are written to more than others.
      const [id, owner] = pick(random() < 0.5 ? all.slice(0, 2) : all);
      const by = random() < 0.25 ? known.boss : owner;
      const command = pick(['addExpense', 'addExpense', 'submitClaim', 'rejectClaim', 'withdrawClaim', 'openClaim']);
      if (command !== 'openClaim') {
        const args = command === 'rejectClaim' ? { reason: `${MARK} no` } : {};
        return untilDone(command === 'rejectClaim' ? known.boss : by, command, {
          ...{ id, ...args },
          ...(command === 'addExpense' ? newExpense({ amountCents: 1 }) : {}),
        });
      }
      await openClaim(owner);
      return '';
    };
    const writers = Array.from({ length: 4 }, async () => {
      const codes: string[] = [];
      for (let n = 0; n < inScope(8, 120); n++) codes.push(await write());
      return codes;
    });
    const until = Promise.all(writers);
    let busy = true;
    const writing = until.finally(() => (busy = false));
    let rebuilds = 0;
    while (busy || rebuilds < 2) {
      for (const view of ['claims', 'claims-v2']) {
        const { job } = await operator.status(view);
        if (job?.phase === 'running') continue;
        await operator.send({ command: 'rebuild', view, ...FAST });
        rebuilds++;
      }
    }
    const codes = (await writing).flat();
    latencyMs = 0;
    expect(codes.filter((code) => code === '').length).toBeGreaterThan(codes.length / 4);

    for (const view of ['claims', 'claims-v2']) {
      expect(await operator.finished(view)).toMatchObject({ kind: 'rebuild', phase: 'done', wrong: 0, stuck: 0 });
      const verified = await operator.run('verify', view);
      expect(verified).toMatchObject({ phase: 'done', aggregates: known.claims.size, wrong: 0, behind: 0, stuck: 0 });
      expect(await operator.status(view)).toMatchObject({ complete: true });
    }
    await expectFolded(world, 'claims', same);
    await expectFolded(world, 'claims-v2', second);
    expect(await redrive()).toMatchObject({ left: 0 });
  });

  test('finds a row that is wrong, names it, and a rebuild puts it right', async () => {
    const [id] = [...known.claims.keys()];
    await world.spoilRow('claims', id);
    const job = await operator.run('verify', 'claims');
    expect(job).toMatchObject({ wrong: 1, behind: 0, stuck: 0, examples: [{ id }] });
    expect(await operator.run('rebuild', 'claims')).toMatchObject({ written: 1 });
    await expectFolded(world, 'claims', same);
  });

  test('still answers by the first view', async () => {
    const titles = await titlesOf(known.owners[0]);
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => title.startsWith('2: '))).toEqual([]);
  });
});

/** Titles of the claims of somebody, by the list. */
async function titlesOf(owner: Session): Promise<readonly string[]> {
  const rows = await world.pages(async (nextToken) => {
    for (;;) {
      const { data, errors } = await world.queries(owner)(myClaimsQuery('title'), { limit: 100, nextToken });
      if (errors.length === 0) return data?.myClaims as Page<{ title: string }>;
      expect(TRY_AGAIN).toContain(errors[0].errorType);
    }
  });
  return rows.map(({ title }) => title);
}

describe('the third deployment, whose live view is the second one,', () => {
  useDeployment(
    'third',
    { views: ['claims-v2'], isMended: true },
    { props: { liveViews: { claims: 'claims-v2' }, singleApi: true } },
  );

  test('answers queries and lists by it at once, and goes on', async () => {
    const [owner] = known.owners;
    const titles = await titlesOf(owner);
    expect(titles.length).toBeGreaterThan(0);
    expect(titles.filter((title) => !title.startsWith('2: '))).toEqual([]);
    const id = await openClaim(owner);
    await world.settled();
    expect(await world.seen(owner, id)).toMatchObject({ title: `2: ${OPEN.title}`, version: 1 });
    const { data } = await world.queries(known.boss)(claimsByStatusQuery('title'), { status: 'OPEN', limit: 1 });
    expect(data?.claimsByStatus).toMatchObject({ items: [{ title: `2: ${OPEN.title}` }] });
    await expectFolded(world, 'claims-v2', second);
    expect((await world.seen(known.boss, id, WHOLE_CLAIM)).status).toBe('OPEN');
  });

  test('erases the view that it has no more, and nothing else', async () => {
    const { size } = await rowsOf(world, 'claims');
    expect(size).toBeGreaterThan(0);
    const kept = await world.everything();
    const job = await operator.run('erase', 'claims');
    expect(job).toMatchObject({ phase: 'done', erased: 3 * size });
    const changed = await world.changedSince(kept);
    const erased = changed.filter((key) => key.startsWith('claims#'));
    expect(erased).toHaveLength(3 * size);
    // Beside what is kept of the job.
    expect(changed.filter((key) => !key.startsWith('claims#') && !key.startsWith('JOB#'))).toEqual([]);
    expect((await rowsOf(world, 'claims')).size).toBe(0);
    await expectFolded(world, 'claims-v2', second);
  });
});
