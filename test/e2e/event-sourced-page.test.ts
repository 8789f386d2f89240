import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { blocksOf, codeFor, type ExampleShell, startExample } from './page-lines';

/**
 * docs/event-sourcing.md, "Try it": its lines, run by a shell as they stand, against the example as `npm start` runs it:
 * sign up, watch in another terminal, send a command twice, read the view.
 */

const [setup, signUp, signIn, watch, commands] = blocksOf('event-sourcing.md', 'sh');

jest.setTimeout(120_000);

/** The variables that the page asks for: what `npm start` prints. */
function variables({ outputs }: Pick<ExampleShell['app'], 'outputs'>): Record<string, string> {
  const { CommandsUrl, QueriesUrl, RealtimeUrl, UserPoolId, UserPoolClientId } = outputs.EventSourcing as Record<
    string,
    string
  >;
  return {
    COMMANDS: CommandsUrl,
    QUERIES: QueriesUrl,
    REALTIME: RealtimeUrl,
    POOL: UserPoolId,
    CLIENT: UserPoolClientId,
  };
}

describe('docs/event-sourcing.md', () => {
  let example: ExampleShell;

  beforeAll(async () => (example = await startExample('event-sourcing', variables)));
  afterAll(async () => example?.close());

  test('asks for what npm start prints', () => {
    const { app } = example;
    expect(setup.match(/^\w+(?==)/gm)).toEqual(Object.keys(variables(app)));
    for (const name of setup.match(/(?<=# )\S+/g) ?? []) {
      expect(app.outputs.EventSourcing).toHaveProperty(name.replace('EventSourcing.', ''));
    }
    const printed = [...app.urls.map(({ url }) => url), ...app.facts.map(({ value }) => value)];
    expect(printed).toEqual(expect.arrayContaining(Object.values(variables(app))));
  });

  test('its lines sign up, watch, send a command twice, and read the view', async () => {
    await example.shell(signUp);
    const code = codeFor(example, 'jane@example.com');
    expect(code).toBeDefined();
    const [token] = (await example.shell(`${signIn}\necho $TOKEN`, { CODE: code ?? '' })).slice(-1);

    // In a group of its own, so that Ctrl-C reaches all that it has started, as in a terminal.
    const env = example.environment({ TOKEN: token });
    const watcher = spawn('bash', ['-ec', watch], { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(watcher, 'close');
    const told = createInterface({ input: watcher.stdout })[Symbol.asyncIterator]();
    const next = async () => String((await told.next()).value);
    try {
      expect(await next()).toBe('watching');
      const [first, again] = (await example.shell(commands, { TOKEN: token })).map(
        (line) => JSON.parse(line) as { readonly data: unknown },
      );
      expect(first).toEqual({ data: { openClaim: { status: 'ACCEPTED', version: 1, events: ['ClaimOpened'] } } });
      expect(again).toEqual(first);
      const change = { view: 'claims', id: 'claim-1', version: 1, commandId: 'command-1' };
      expect(JSON.parse(await next())).toEqual({ data: { onMyChanges: change } });
    } finally {
      process.kill(-(watcher.pid ?? 0), 'SIGINT');
      await ended;
    }
    const [claim] = (await example.shell(commands, { TOKEN: token })).slice(-1);
    expect(JSON.parse(claim)).toEqual({
      data: { claim: { title: 'Trip to Oslo', status: 'OPEN', totalCents: 0, version: 1 } },
    });
  });
});
