import { defineDomain, type DomainDefinition } from './definition';
import { type Domain, domainOf } from './domain';
import type { StoredEvent } from './events';
import { type Command, type Decision, handleCommand } from './handle-command';
import { loadAggregate } from './load-aggregate';
import type { Snapshot } from './ports';
import { reject, rejectionOf } from './rejection';
import { takeSnapshot } from './snapshots';
import { fold, viewsOf } from './views';
import { memoryStores, type Stores } from '../../../test/support/event-world';

/** What a domain may be, and what becomes of one that does what it must not. */

interface Count {
  readonly count: number;
}
interface Events {
  Added: { readonly by: number };
  Reset: object;
}
type Definition = DomainDefinition<Count, Events, Record<string, Record<string, unknown>>, Record<string, Count>>;

const COUNTER: Definition = {
  aggregate: 'Counter',
  initial: () => ({ count: 0 }),
  commands: {
    add: (_, { by, times = 1 }) =>
      Array.from({ length: Number(times) }, () => ({ type: 'Added' as const, data: { by: Number(by) } })),
    refuse: () => reject('NO', 'never'),
  },
  evolve: {
    Added: ({ count }, { by }) => ({ count: count + by }),
    Reset: () => ({ count: 0 }),
  },
  snapshot: { every: 3 },
  views: {
    counts: {
      version: 1,
      apply: (view, event) => ({ count: event.type === 'Added' ? (view?.count ?? 0) + event.data.by : 0 }),
    },
  },
};

/** A definition with parts in the place of others, of whatever types. */
const changed = (changes: object): unknown => ({ ...COUNTER, ...changes });
const [view] = [COUNTER.views.counts];

test.each<[string, unknown, string]>([
  ['nothing', undefined, 'domain must be an object, got: undefined'],
  ['an aggregate with a space', changed({ aggregate: 'My Counter' }), 'aggregate must be a name that matches'],
  ['an aggregate that is called as guards are', changed({ aggregate: 'COMMAND' }), 'and is not COMMAND, got: COMMAND'],
  ['no initial state', changed({ initial: {} }), 'initial must be a function, got: object'],
  ['a command that is none', changed({ commands: { add: 1 } }), 'commands.add must be a function, got: 1'],
  [
    'a command that GraphQL cannot name',
    changed({ commands: { 'a-b': () => [] } }),
    'commands.a-b: the name must match',
  ],
  ['no events', changed({ evolve: {} }), 'evolve must have a reducer for at least one type of event'],
  ['an event with a bad name', changed({ evolve: { 'A B': () => 0 } }), 'evolve.A B: the name must match'],
  ['a version of no event', changed({ schemaVersions: { Gone: 1 } }), 'schemaVersions.Gone is of no event in evolve'],
  ['an upcaster of no event', changed({ upcasters: { Gone: {} } }), 'upcasters.Gone is of no event in evolve'],
  [
    'half a version',
    changed({ schemaVersions: { Added: 1.5 } }),
    'schemaVersions.Added must be an integer of 1 or more',
  ],
  [
    'a missing upcaster',
    changed({ schemaVersions: { Added: 3 }, upcasters: { Added: { 2: () => ({}) } } }),
    'upcasters.Added.1 is missing: the schema version of Added is 3',
  ],
  [
    'an upcaster beyond the last version',
    changed({ upcasters: { Added: { 1: () => ({}) } } }),
    'upcasters.Added.1 leads beyond the schema version of Added, which is 1',
  ],
  [
    'a snapshot of each event',
    changed({ snapshot: { every: 1 } }),
    'snapshot.every must be an integer of 2 to 1000, got: 1',
  ],
  ['an upgrade that is none', changed({ snapshot: { upgrade: 1 } }), 'snapshot.upgrade must be a function, got: 1'],
  [
    'a view without a version',
    changed({ views: { a: { apply: () => 0 } } }),
    'views.a.version must be an integer of 1 or more',
  ],
  [
    'a view that folds nothing',
    changed({ views: { a: { version: 1 } } }),
    'views.a.apply must be a function, got: undefined',
  ],
  ['a view that is called as jobs are', changed({ views: { JOB: view } }), 'views.JOB: the name must match'],
  [
    'lists that are none',
    changed({ views: { a: { ...view, lists: [] } } }),
    'views.a.lists must be a function, got: array',
  ],
])('a domain with %s is refused by name', (_, wrong, message) => {
  expect(() => domainOf(wrong)).toThrow(message);
  expect(() => domainOf(wrong)).toThrow(/^The domain is malformed: /);
});

test('everything that is wrong is named at once', () => {
  expect(() => defineDomain({ ...COUNTER, initial: 1, views: [] } as unknown as Definition)).toThrow(
    'The domain is malformed: initial must be a function, got: 1; views must be an object, got: array',
  );
  expect(defineDomain(COUNTER)).toBe(COUNTER);
});

test('a rejection has a code for programs, and is known from a domain that was built on its own', () => {
  expect(() => reject('not found', 'x')).toThrow(
    'reject: code must be like NOT_FOUND, at most 64 characters, got: not found',
  );
  const own = Object.assign(new Error('m'), { name: 'CommandRejected', code: 'NO' });
  expect(rejectionOf(own)).toEqual({ code: 'NO', message: 'm' });
  expect(rejectionOf(Object.assign(new Error('m'), { code: 'ENOENT' }))).toBeUndefined();
  expect(rejectionOf('NO')).toBeUndefined();
  try {
    reject('LONG', 'x'.repeat(2000));
  } catch (error) {
    expect(rejectionOf(error)?.message).toHaveLength(1000);
  }
});

let stores: Stores;
beforeEach(() => (stores = memoryStores()));

let made = 0;
const ids = { now: () => Date.UTC(2026, 10, 22), newId: () => `e${++made}` };
const commandOf = (args: Record<string, unknown>, command = 'add'): Command => ({
  ...{ command, id: 'n1', commandId: `k${++made}`, correlationId: 'k', arguments: args },
  actor: { sub: 'ann', username: 'ann', groups: [] },
});

async function decide(args: Record<string, unknown>, definition: unknown = COUNTER, command?: string) {
  const decision = await handleCommand(
    { ...ids, events: stores.events },
    domainOf(definition),
    commandOf(args, command),
  );
  if ('record' in decision) await stores.append(decision);
  return decision;
}
const faultOf = async (definition: unknown, args: Record<string, unknown> = { by: 1 }) => {
  try {
    await decide(args, definition);
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : undefined;
  }
  return undefined;
};
const giving = (decider: () => unknown) => changed({ commands: { add: decider } });

test.each<[string, unknown, string]>([
  ['gives an event of no type', giving(() => ({ data: {} })), "must give events of this domain's types, got: object"],
  ['gives one of another domain', giving(() => ({ type: 'Gone', data: {} })), 'got: a type Gone'],
  ['gives nothing', giving(() => undefined), 'got: undefined'],
  ['is asynchronous', giving(async () => []), 'got: a promise'],
  [
    'gives data that is no object',
    giving(() => ({ type: 'Added', data: 1 })),
    'commands.add data of Added must be an object, got: number',
  ],
  [
    'gives more events than a command may',
    giving(() => Array.from({ length: 26 }, () => ({ type: 'Reset', data: {} }))),
    'commands.add gave 26 events, at most 25 are taken',
  ],
  ['throws', giving(() => JSON.parse('secret')), 'commands.add threw SyntaxError'],
  [
    'gives an event that its own reducer does not take',
    changed({ evolve: { ...COUNTER.evolve, Added: () => JSON.parse('secret') as Count } }),
    'evolve.Added threw SyntaxError',
  ],
  [
    'rejects by a code that is none',
    giving(() => reject(`not a\ncode${'x'.repeat(999)}`, 'secret')),
    `commands.add: reject: code must be like NOT_FOUND, at most 64 characters, got: not a?code${'x'.repeat(54)}`,
  ],
  [
    'rejects by no text at all',
    giving(() => reject(...(['NO', { secret: 1 }] as unknown as [string, string]))),
    'commands.add: reject: message must be a text, got: object',
  ],
  [
    'gives a BigInt',
    giving(() => ({ type: 'Added', data: { by: [1n] } })),
    'commands.add data of Added has a BigInt, which cannot be stored',
  ],
  [
    'gives data that goes round in circles',
    giving(() => {
      const data: { self?: unknown } = {};
      data.self = data;
      return { type: 'Added', data };
    }),
    'commands.add data of Added threw TypeError',
  ],
  ['makes events one by one, each in its time', giving(() => [Promise.reject(new Error('secret'))]), 'got: a promise'],
  ['awaits data', giving(async () => ({ type: 'Added', data: {} })), 'commands.add must give events'],
  [
    'awaits something in its data',
    giving(() => ({ type: 'Added', data: { by: Promise.reject(new Error('secret')) } })),
    'commands.add data of Added has a promise, which cannot be stored',
  ],
  [
    'awaits its state',
    changed({ evolve: { ...COUNTER.evolve, Added: async () => ({ count: 1 }) } }),
    'evolve.Added must be an object, got: a promise',
  ],
  [
    'has a BigInt in its state',
    changed({ evolve: { ...COUNTER.evolve, Added: () => ({ count: 1n }) } }),
    'evolve.Added has a BigInt, which cannot be stored',
  ],
  [
    'awaits its first state',
    changed({ initial: async () => ({ count: 0 }) }),
    'initial must be an object, got: a promise',
  ],
  ['has a state that is none', changed({ initial: () => [] }), 'initial must be an object, got: array'],
])('a domain that %s is at fault, and nothing becomes a fact', async (_, definition, message) => {
  const fault = await faultOf(definition);
  expect(fault).toMatch(/^DomainFault: /);
  expect(fault).toContain(message);
  expect(fault).not.toContain('secret');
  expect(await stores.allEvents()).toEqual([]);
});

test('of what a domain throws, the place in its code is known, and no word', async () => {
  const thrown = new RangeError('secret\n    at secret (words:1:1)');
  const fault: unknown = await decide(
    { by: 1 },
    giving(() => {
      throw thrown;
    }),
  ).catch((error: unknown) => error);
  expect((fault as Error).stack).toMatch(
    /^DomainFault: commands\.add threw RangeError\n\s+at .*domain\.test\.ts:\d+:\d+/,
  );
  expect((fault as Error).stack).not.toContain('secret');
});

test('a promise that is refused is not left to fail on its own', async () => {
  const promise = Promise.reject(new Error('secret'));
  const heard = jest.spyOn(promise, 'then');
  expect(await faultOf(giving(() => promise))).toContain('got: a promise');
  expect(heard).toHaveBeenCalledWith(undefined, expect.any(Function));
});

test('a command may come to no events at all, and is remembered all the same', async () => {
  expect(await decide({ by: 1, times: 0 })).toMatchObject({
    ...{ outcome: 'ACCEPTED', events: [], record: { fromVersion: 0, toVersion: 0, events: [] } },
  });
});

test('events of more bytes than one may have are not written', async () => {
  const large = giving(() => ({ type: 'Added', data: { by: 1, text: 'x'.repeat(100_000) } }));
  const { requestHash } = (
    (await decide(
      {},
      giving(() => []),
    )) as Extract<Decision, { record: unknown }>
  ).record;
  expect(await decide({}, large)).toEqual({
    ...{ outcome: 'INVALID', field: 'arguments', message: 'The command makes an event of more than 100000 bytes' },
    requestHash,
  });
});

test('the same command has the same hash, whatever the order of its arguments; another has another', async () => {
  const hashOf = (decision: Decision) => ('record' in decision ? decision.record.requestHash : undefined);
  const one = hashOf(await decide({ by: 1, deep: { a: 1, b: [{ c: 1, d: 2 }] } }));
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect(hashOf(await decide({ deep: { b: [{ d: 2, c: 1 }], a: 1 }, by: 1 }))).toBe(one);
  expect(hashOf(await decide({ by: 1, deep: { a: 1, b: [{ c: 2, d: 1 }] } }))).not.toBe(one);
  // What is null is what is left out; in a list it has its place.
  expect(hashOf(await decide({ by: 1, note: null, deep: { a: 1, b: [{ c: 1, d: 2, e: null }], f: null } }))).toBe(one);
  expect(hashOf(await decide({ by: 1, deep: { a: 1, b: [{ c: 1, d: 2 }, null] } }))).not.toBe(one);
  expect(hashOf(await decide({ by: 1, deep: { a: 1, b: [{ c: 1, d: 2 }] } }, COUNTER, 'refuse'))).not.toBe(one);
});

describe('snapshots', () => {
  /** A domain whose snapshots are of another shape. */
  const next = (upgrade?: (state: unknown, from: number) => Count | undefined): Domain =>
    domainOf(changed({ snapshot: { every: 3, schemaVersion: 2, upgrade } }));
  /** The versions of the events that a load has read, beside the state. */
  async function load(domain: Domain, upTo?: number) {
    const read: number[] = [];
    const store = {
      history: async (...query: Parameters<Stores['events']['history']>) => {
        const history = await stores.events.history(...query);
        read.push(...history.events.map(({ version }) => version));
        return history;
      },
    };
    const { state, version } = await loadAggregate(store, domain, 'n1', { upTo });
    return { state, version, read };
  }
  const domain = domainOf(COUNTER);

  beforeEach(async () => {
    for (let n = 0; n < 7; n++) await decide({ by: 10 ** n });
    await takeSnapshot(stores.events, domain, 'n1', 3);
  });

  test('are of the state at their version, whatever came later, and spare the events before', async () => {
    expect(await stores.allSnapshots()).toEqual([{ id: 'n1', version: 3, schemaVersion: 1, state: { count: 111 } }]);
    expect(await load(domain)).toEqual({ state: { count: 1_111_111 }, version: 7, read: [4, 5, 6, 7] });
    expect(await load(domain, 2)).toEqual({ state: { count: 11 }, version: 2, read: [1, 2] });
  });

  test('are not upgraded by what is to come', async () => {
    const later = async () => ({ count: 1 });
    await expect(load(next(later as unknown as () => Count))).rejects.toThrow(
      'snapshot.upgrade must be an object, got: a promise',
    );
  });

  test('of another schema version are upgraded, or passed over', async () => {
    const upgraded = next((state, from) => ({ count: (state as Count).count + from }));
    expect(await load(upgraded)).toEqual({ state: { count: 1_111_112 }, version: 7, read: [4, 5, 6, 7] });
    const all = { state: { count: 1_111_111 }, version: 7, read: [1, 2, 3, 4, 5, 6, 7] };
    expect(await load(next(() => undefined))).toEqual(all);
    expect(await load(next())).toEqual(all);
    await takeSnapshot(stores.events, next(), 'n1', 3);
    expect((await stores.allSnapshots()).map(({ schemaVersion }: Snapshot) => schemaVersion)).toEqual([2]);
    expect((await load(next())).read).toEqual([4, 5, 6, 7]);
  });
});

describe('a view', () => {
  const event = (version: number, data: object = { by: 1 }): StoredEvent => ({
    ...{ id: 'n1', aggregateType: 'Counter', eventId: 'e', type: 'Added', schemaVersion: 1, actor: 'ann', version },
    ...{ data, commandId: 'k', correlationId: 'k', occurredAt: '2026-11-22T12:00:00.000Z' },
  });
  const foldWith = (changes: object, events: readonly StoredEvent[]) => {
    const [named] = viewsOf(domainOf(changed({ views: { counts: { ...view, ...changes } } })));
    return fold(named, undefined, events);
  };

  test('may have no row of an aggregate, and one again', () => {
    const apply = (row: Count | undefined, { version }: { version: number }) =>
      version === 2 ? undefined : { count: (row?.count ?? 0) + 1 };
    const lists = () => ({ all: { value: 'x', sort: 'y' }, none: undefined });
    expect(foldWith({ apply, lists }, [event(1), event(2)]).row).toMatchObject({
      position: 2,
      data: undefined,
      lists: {},
    });
    expect(foldWith({ apply, lists }, [event(1), event(2), event(3)]).row).toMatchObject({
      ...{ position: 3, data: { count: 1 }, lists: { all: { value: 'x', sort: 'y' } } },
    });
  });

  test.each<[string, object, string]>([
    ['throws', { apply: () => JSON.parse('secret') }, 'views.counts.apply of Added threw SyntaxError'],
    ['shows no object', { apply: () => 1 }, 'views.counts.apply of Added must be an object, got: number'],
    ['shows what cannot be stored', { apply: () => ({ a: 1e300 }) }, 'views.counts.apply of Added has a number beyond'],
    ['shows too much', { apply: () => ({ a: 'x'.repeat(200_000) }) }, 'views.counts shows 200008 bytes'],
    ['is to come', { apply: async () => ({}) }, 'views.counts.apply of Added must be an object, got: a promise'],
    ['has a BigInt', { apply: () => ({ a: 1n }) }, 'views.counts.apply of Added has a BigInt, which cannot be stored'],
    [
      'belongs to who is to come',
      { owner: async () => 'ann' },
      "views.counts.owner must give a user's sub, got: a promise",
    ],
    [
      'is in lists that are to come',
      { lists: async () => ({}) },
      'views.counts.lists must give {value, sort} by names',
    ],
    [
      'is in a list that is to come',
      { lists: () => ({ all: Promise.resolve({ value: 'x', sort: 'x' }) }) },
      'views.counts.lists must give {value, sort} by names of lists, got: a promise',
    ],
    ['belongs to nobody real', { owner: () => 1 }, "views.counts.owner must give a user's sub, got: number"],
    [
      'is in a list without a value',
      { lists: () => ({ all: { value: '', sort: 'x' } }) },
      'views.counts.lists must give {value, sort}',
    ],
    ['is in a list with a bad name', { lists: () => ({ 'a b': { value: 'x', sort: 'x' } }) }, 'by names of lists'],
    [
      'is in too many lists',
      { lists: () => Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`l${n}`, { value: 'x', sort: 'x' }])) },
      'views.counts.lists gave 21 lists, at most 20 are taken',
    ],
  ])('that %s stops before that event, and says where', (_, changes, reason) => {
    const { row, stuck } = foldWith(changes, [event(1)]);
    expect({ row, version: stuck?.version }).toEqual({ row: undefined, version: 1 });
    expect(stuck?.reason).toContain(reason);
    expect(stuck?.reason).not.toContain('secret');
  });

  test('stops before an event whose data are to come', () => {
    const upcasters = { Added: { 1: async (data: object) => data } };
    const [named] = viewsOf(domainOf(changed({ schemaVersions: { Added: 2 }, upcasters })));
    expect(fold(named, undefined, [event(1)]).stuck).toMatchObject({
      ...{ version: 1, reason: 'upcasters.Added.1 must be an object, got: a promise' },
    });
  });

  test('stops before an event that its domain does not know, or that is of later code', () => {
    const good = event(1);
    expect(foldWith({}, [good, { ...event(2), type: 'Gone' }])).toMatchObject({
      ...{ row: { position: 1 }, stuck: { version: 2, reason: 'there is no event Gone in this domain' } },
    });
    expect(foldWith({}, [good, { ...event(2), schemaVersion: 2 }]).stuck?.reason).toBe(
      "Added of schema version 2 is later than this domain's, which is 1",
    );
    expect(foldWith({}, [good, event(3)])).toMatchObject({
      ...{ row: { position: 1 }, missing: { message: 'version 2 is missing before version 3' } },
    });
  });
});
