import { defineDomain } from './domain/definition';
import { domainOf } from './domain/domain';
import type { StoredEvent } from './domain/events';
import { handleCommand } from './domain/handle-command';
import { projectEvents, type ProjectPorts } from './domain/project-events';
import { memoryStores, type Stores } from '../../test/support/event-world';

/** Who is told of changes where a row changes hands, or is no more. */

interface Events {
  Given: { readonly to: string };
  Noted: object;
  Removed: object;
}

const domain = domainOf(
  defineDomain<object, Events, { give: { to: string }; note: object; remove: object }, { things: { owner: string } }>({
    aggregate: 'Thing',
    initial: () => ({}),
    commands: {
      give: (_, { to }) => ({ type: 'Given', data: { to } }),
      note: () => ({ type: 'Noted', data: {} }),
      remove: () => ({ type: 'Removed', data: {} }),
    },
    evolve: { Given: (state) => state, Noted: (state) => state, Removed: (state) => state },
    views: {
      things: {
        version: 1,
        apply: (view, event) =>
          event.type === 'Given' ? { owner: event.data.to } : event.type === 'Removed' ? undefined : view,
        owner: ({ owner }) => owner,
      },
    },
  }),
);

let stores: Stores;
let told: string[];
beforeEach(() => {
  stores = memoryStores();
  told = [];
});

let made = 0;
async function send(command: string, to?: string): Promise<StoredEvent> {
  const ids = { now: stores.now, newId: () => `e${++made}` };
  const commandId = `k${++made}`;
  const decision = await handleCommand({ ...ids, events: stores.events }, domain, {
    ...{ command, id: 't1', commandId, correlationId: commandId, arguments: { to } },
    actor: { sub: 'ann', username: 'ann', groups: [] },
  });
  if (decision.outcome !== 'ACCEPTED') throw new Error(decision.outcome);
  await stores.append(decision);
  return decision.events[0];
}

/** Projects events. @returns who is told of which versions */
async function project(...events: readonly StoredEvent[]): Promise<string[]> {
  told = [];
  const ports: ProjectPorts = {
    ...{ events: stores.events, views: stores.views, now: stores.now, publishedAs: (view) => [view] },
    publisher: {
      publish: async (changes) => void told.push(...changes.map(({ owner, version }) => `${owner ?? '-'} ${version}`)),
    },
    parking: { park: async () => undefined },
    noteFailure: async (what) => void told.push(what),
  };
  expect((await projectEvents(ports, domain, events)).size).toBe(0);
  return told.sort();
}

test('whose a row was, and whose it is, are told that it has changed hands; later changes are told to the latter', async () => {
  expect(await project(await send('give', 'ann'))).toEqual(['ann 1']);
  const given = await send('give', 'bob');
  expect(await project(given)).toEqual(['ann 2', 'bob 2']);
  expect(await project(await send('note'))).toEqual(['bob 3']);
  // As after an invocation that ended before anybody was told.
  expect(await project(given)).toEqual(['ann 2', 'bob 2']);
});

test('whose a row was is told that it is gone, and of what is put in its place', async () => {
  await project(await send('give', 'ann'));
  const removed = await send('remove');
  expect(await project(removed)).toEqual(['ann 2']);
  expect(await project(removed)).toEqual(['ann 2']);
  // What is nobody's is told to nobody by name.
  expect(await project(await send('note'))).toEqual(['- 3']);
  expect(await project(await send('give', 'bob'))).toEqual(['bob 4']);
});

test('in one batch, everybody who had the row when it was shown is told, up to the last change of hands', async () => {
  await project(await send('give', 'ann'));
  const events = [await send('give', 'bob'), await send('give', 'cat'), await send('note')];
  expect(await project(...events)).toEqual(['ann 2', 'ann 3', 'bob 2', 'bob 3', 'cat 2', 'cat 3', 'cat 4']);
});

test('whose a row was is told too where its events are read from the store', async () => {
  await project(await send('give', 'ann'));
  await send('give', 'bob');
  const note = await send('note');
  await send('note');
  expect(await project(note)).toEqual(['ann 4', 'bob 3', 'bob 4']);
});
