import type { RequestListener } from 'node:http';
import type { ViewChange } from './domain/ports';
import { AppSyncPublisher } from './publisher';
import { setEnvironment } from '../../test/support/function-environment';
import { useLogLines } from '../../test/support/log-lines';
import { useStubServer } from '../../test/support/stub-server';

/** How long telling of changes may take, whatever the API does. */

const logged = useLogLines();
const appSync = useStubServer();

beforeAll(() => setEnvironment());

const change = (id: string, version: number, owner = 'ann'): ViewChange => ({
  ...{ view: 'claims', id, owner, version, occurredAt: '2026-11-22T12:00:00.000Z' },
  ...{ commandId: `k${version}`, correlationId: 'k' },
});
const rows = (count: number) => Array.from({ length: count }, (_, n) => change(`c${n}`, 1));
const notTold = () => logged().filter(({ message }) => message === 'change is not published');

let told: string[];
beforeEach(() => (told = []));
/** Answers with a status by what it is told. */
const answering =
  (statusOf: (id: string) => number): RequestListener =>
  (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { variables } = JSON.parse(body) as { variables: { id: string; version: number; owner: string } };
      const { id, version, owner } = variables;
      const status = statusOf(id);
      if (status === 200) told.push(`${id} ${version} ${owner}`);
      response.writeHead(status).end('{"data":{}}');
    });
  };

test('an API that answers too late is not waited for, and each change that is not told is noted', async () => {
  // Within what an attempt may take, and long after all of them are to have ended.
  appSync.listener = (_, response) => {
    const timer = setTimeout(() => response.end('{"data":{}}'), 1000);
    response.on('close', () => clearTimeout(timer));
  };
  await new AppSyncPublisher(`${appSync.url}/graphql`, { late: 50, end: 250 }).publish(rows(100));
  // Eight at once; where a timer fires a moment early there may be time for a second attempt.
  expect(appSync.asked).toBeLessThanOrEqual(2 * 8);
  expect(new Set(notTold().map(({ id }) => id)).size).toBe(100);
  expect(notTold()).toHaveLength(100);
});

test('after a few changes in a row that were not taken, no further one is tried', async () => {
  appSync.listener = answering(() => 503);
  await new AppSyncPublisher(`${appSync.url}/graphql`).publish(rows(100));
  // Three attempts each of four that failed, and of the eight that were under way by the fifth.
  expect(appSync.asked).toBeLessThanOrEqual(12 * 3);
  expect(notTold()).toHaveLength(100);
  expect(notTold().map(({ error }) => error)).toContain('PublishingEnded');
});

test('changes that are not taken here and there do not keep others from being told', async () => {
  appSync.listener = answering((id) => (Number(id.slice(1)) % 3 === 0 ? 401 : 200));
  await new AppSyncPublisher(`${appSync.url}/graphql`).publish(rows(60));
  expect(told).toHaveLength(40);
  expect(notTold()).toHaveLength(20);
});

test('in time, every change of a row is told, in their order; once it is late, the newest to each owner', async () => {
  appSync.listener = answering(() => 200);
  const changes = [change('c1', 1, 'ann'), change('c1', 2, 'ann'), change('c1', 3, 'ann'), change('c1', 2, 'bob')];
  await new AppSyncPublisher(`${appSync.url}/graphql`).publish(changes);
  expect(told.filter((one) => one.endsWith('ann'))).toEqual(['c1 1 ann', 'c1 2 ann', 'c1 3 ann']);
  expect(told).toContain('c1 2 bob');
  told = [];
  await new AppSyncPublisher(`${appSync.url}/graphql`, { late: 0, end: 15_000 }).publish(changes);
  expect(told.sort()).toEqual(['c1 2 bob', 'c1 3 ann']);
  expect(notTold()).toEqual([]);
});
