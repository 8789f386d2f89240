import { runCommand } from './commands';
import { add, NOTHING } from './job';
import { ALIAS, ReindexWorld, SOURCES } from '../../../test/support/reindex-world';
import { deployIndex } from '../manage-index/deploy';

/** A job without writes beside it, message by message. */
let world: ReindexWorld;

const portsOf = () => ({
  jobs: world.jobs,
  indexes: world.cluster,
  send: (messages: Parameters<ReindexWorld['send']>[0], delay?: number) => world.send(messages, delay),
  now: () => world.now,
  alias: ALIAS,
});
const deploy = (mappings: object = { dynamic: 'strict' }, place = 0) =>
  deployIndex(portsOf(), {
    alias: ALIAS,
    first: `${ALIAS}-000001`,
    blueprint: { body: { mappings: { ...mappings } }, source: SOURCES[place] },
    backfill: true,
  });
/** Delivers messages until there is none, or the job is at that phase. */
const finish = async (until?: string) => {
  for (let left = 500; phase() !== until && (await world.deliver()); left--) {
    if (left === 0) throw new Error(`it goes on for ever, at ${phase()}: ${JSON.stringify(world.queue.slice(0, 2))}`);
  }
};
const phase = () => world.jobs.job?.phase;
const tallyOf = (wanted: 'copying' | 'comparing') =>
  [...world.jobs.all.values()]
    .filter((one) => one.phase === wanted)
    .reduce((sum, { tally }) => add(sum, tally), NOTHING);

beforeEach(async () => {
  world = new ReindexWorld(1);
  world.calm = true;
  world.fill(20);
  await deploy();
});

test('a deployment loads what was in the table before, and the next one has nothing to load', async () => {
  await finish();
  expect(phase()).toBe('done');
  expect(world.cluster.documentsOf(ALIAS)).toEqual(world.documents(SOURCES[0]));
  const { id } = world.jobs.job!;
  await deploy();
  expect([world.jobs.job?.id, world.queue]).toEqual([id, []]);
});

test('messages that come twice, at any time, count nothing twice', async () => {
  const seen: typeof world.queue = [];
  for (let left = 200; left > 0 && phase() !== 'done'; left--) {
    seen.push(...world.queue.map((one) => ({ ...one, receives: 0 })));
    world.queue.push(...seen.slice(-3), ...seen.slice(0, 1));
    await world.deliver();
  }
  expect(phase()).toBe('done');
  const documents = Object.keys(world.documents(SOURCES[0])).length;
  expect(tallyOf('copying')).toMatchObject({ scanned: 20, documents });
  expect(tallyOf('comparing')).toMatchObject({ scanned: 20, documents, repaired: 0, different: 0 });
});

test('what stored its progress and could not send the next message does so when it comes again', async () => {
  const send = world.send.bind(world);
  let fails = 0;
  world.send = async (messages, delay) => {
    if (++fails % 2 === 1) throw new Error('the queue is away');
    return send(messages, delay);
  };
  await finish();
  expect(phase()).toBe('done');
  expect(fails).toBeGreaterThan(10);
  expect(tallyOf('copying').scanned).toBe(20);
});

test('a job whose messages are all lost goes on when it is told to, from where it was', async () => {
  await world.deliver();
  await world.deliver();
  expect(phase()).toBe('copying');
  const { scanned } = tallyOf('copying');
  const lost = world.queue;
  world.queue = [];
  await runCommand(portsOf(), { command: 'resume' });
  // What may still come does nothing by then.
  world.queue.push(...lost);
  await finish();
  expect([phase(), scanned < 20, tallyOf('copying').scanned]).toEqual(['done', true, 20]);
});

test('another source makes another index, and readers keep theirs until it is as the table', async () => {
  await finish();
  expect(await deploy(undefined, 1)).toBe(`${ALIAS}-000001`);
  await finish('switching');
  expect(world.cluster.documentsOf(ALIAS)).toEqual(world.documents(SOURCES[0]));
  await finish();
  expect(world.cluster.documentsOf(ALIAS)).toEqual(world.documents(SOURCES[1]));
  // Back to the index that is kept, at once.
  expect(await deploy()).toBe(`${ALIAS}-000001`);
  expect([world.queue, world.cluster.documentsOf(ALIAS)]).toEqual([[], world.documents(SOURCES[0])]);
});

test('a deployment that rolls back cancels what was begun, and loads on what it had interrupted', async () => {
  await world.deliver();
  await deploy(undefined, 1);
  expect(world.cluster.indexes.has(`${ALIAS}-000002`)).toBe(true);
  await deploy();
  expect([...world.cluster.indexes.keys()]).toEqual([`${ALIAS}-000001`]);
  await finish();
  expect([world.jobs.job?.kind, phase()]).toEqual(['backfill', 'done']);
  expect(world.cluster.documentsOf(ALIAS)).toEqual(world.documents(SOURCES[0]));
});

test('an index that has what the table has not differs, and moves no reader until somebody says so', async () => {
  await finish();
  await runCommand(portsOf(), { command: 'reindex' });
  const to = `${ALIAS}-000002`;
  await finish('copying');
  await world.cluster.bulk(to, '{"index":{"_id":"stray","version":2,"version_type":"external"}}\n{}\n');
  await finish();
  expect([phase(), await world.cluster.writtenBy(ALIAS)]).toEqual(['differs', `${ALIAS}-000001`]);
  await expect(runCommand(portsOf(), { command: 'reindex' })).rejects.toThrow('One job at a time');
  // Who says so takes what is wrong with it.
  world.cluster.onLead = () => undefined;
  await runCommand(portsOf(), { command: 'switch' });
  await finish();
  expect([phase(), await world.cluster.writtenBy(ALIAS)]).toEqual(['done', to]);
});

test('what is missing or older when it is compared is written', async () => {
  await finish('comparing');
  const { documents } = world.cluster.of(`${ALIAS}-000001`);
  documents.bulk('{"delete":{"_id":"item-1","version":3,"version_type":"external"}}\n');
  documents.restart();
  await finish();
  expect([phase(), tallyOf('comparing').repaired]).toEqual(['done', 1]);
  expect(world.cluster.documentsOf(ALIAS)).toEqual(world.documents(SOURCES[0]));
});

test('a version that goes back is different, and is not passed', async () => {
  await finish();
  await runCommand(portsOf(), { command: 'reindex' });
  await finish('copying');
  await world.cluster.bulk(
    `${ALIAS}-000002`,
    '{"index":{"_id":"item-1","version":2000,"version_type":"external"}}\n{"title":"of another life"}\n',
  );
  await finish();
  expect([phase(), tallyOf('comparing').different]).toEqual(['differs', 1]);
  await runCommand(portsOf(), { command: 'cancel' });
  expect([phase(), [...world.cluster.indexes.keys()]]).toEqual(['cancelled', [`${ALIAS}-000001`]]);
});

test('commands that make no sense are refused, and say why', async () => {
  await finish();
  const refused = async (command: Parameters<typeof runCommand>[1]) =>
    runCommand(portsOf(), command).then(
      () => 'done',
      (error: Error) => error.message,
    );
  expect(await refused({ command: 'resume' })).toContain('Nothing is to be resumed');
  expect(await refused({ command: 'cancel' })).toContain('Nothing is to be cancelled');
  expect(await refused({ command: 'switch' })).toContain('Only an index that differs');
  expect(await refused({ command: 'switch-back' })).toContain('Say which index: there is none but articles-000001');
  expect(await refused({ command: 'drop', index: `${ALIAS}-000001` })).toContain('is what readers have');
  expect(await refused({ command: 'drop', index: 'others-000001' })).toContain('is no index of articles');
  expect(await refused({ command: 'switch-back', index: `${ALIAS}-000009` })).toContain('takes no writes any more');
});
