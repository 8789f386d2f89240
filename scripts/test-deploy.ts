/**
 * `npm run test:deploy`: deploys `examples/minimal` with the CDK's own CLI to MiniStack, an emulator of AWS that is not
 * of this project, with its IAM on; calls every endpoint over HTTP; destroys it, and deploys several stacks on the data that
 * it has left. See docs/deploying.md.
 *
 * `-- --url http://localhost:3000/api` calls the endpoints of an API that runs already, and does nothing else.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAll } from './bundle';
import { ACCOUNT, cleanEnv, type Emulator, REGION, startEmulator } from './deploy/emulator';
import { forEmulator, type Template } from './deploy/emulator-template';
import { lintTemplates } from './deploy/lint';
import { settled } from './deploy/observe';
import { pythonEnvironment } from './deploy/python';
import { endAllRuns, runOrThrow, run } from './deploy/run';
import type { Retained } from '../test/snippets/several-stacks';

const ROOT = path.join(__dirname, '..');
const EXAMPLES = path.join(ROOT, 'examples');
const DEPLOY = path.join(__dirname, 'deploy');
const TSX = require.resolve('tsx/cli');
/** What is deployed, of the folder of its name. */
const EXAMPLE = 'minimal';
const STACK = 'MinimalRealWorld';

const say = (line: string) => process.stdout.write(`${line}\n`);

async function step<T>(
  what: string,
  action: () => Promise<T>,
  result: (value: T) => string = () => 'done',
): Promise<T> {
  const began = Date.now();
  say(`${what} ...`);
  const value = await action();
  say(`  ${result(value)} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return value;
}

/** The CDK's CLI, with nothing of the environment of who runs this. */
function cdk(folder: string, emulator?: Emulator, variables: NodeJS.ProcessEnv = {}) {
  const cli = require.resolve('aws-cdk/bin/cdk');
  const env = {
    ...cleanEnv(folder),
    ...emulator?.clientEnv,
    CI: 'true',
    // The tests synthesize the same with it.
    CDK_VALIDATION: 'false',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    ...variables,
  };
  return (parameters: readonly string[], cwd = ROOT) =>
    runOrThrow(`cdk ${parameters[0]}`, process.execPath, [cli, ...parameters, '--no-notices'], {
      cwd,
      env,
      seconds: 300,
    });
}

const templatesIn = (assembly: string) =>
  readdirSync(assembly, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.template.json'))
    .map((file) => path.join(assembly, file));

/** Synthesizes the examples and lints all of their templates. @returns the assembly of what is deployed */
async function synthesize(python: string, folder: string): Promise<string> {
  const examples = readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(path.join(EXAMPLES, entry.name)).includes('cdk.json'))
    .map(({ name }) => name);
  const assemblyOf = (example: string) => path.join(folder, `${example}.out`);
  for (const example of examples) {
    await step(`Synthesizing examples/${example}`, () =>
      cdk(folder)(['synth', '--quiet', '--output', assemblyOf(example)], path.join(EXAMPLES, example)),
    );
  }
  const templates = examples.flatMap((example) => templatesIn(assemblyOf(example)));
  await step(
    `cfn-lint of ${templates.length} templates`,
    () => lintTemplates(python, templates, folder),
    (accepted) => `nothing but what the CDK itself writes, ${accepted} times`,
  );
  return assemblyOf(EXAMPLE);
}

/** Takes out of the templates what the emulator lacks. */
function adapt(assembly: string, has: 'all' | 'some'): void {
  say('Taken out of the copy that the emulator gets:');
  const files = templatesIn(assembly);
  const originals = files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Template);
  const { templates, lines } = forEmulator(originals, undefined, has);
  files.forEach((file, index) => writeFileSync(file, JSON.stringify(templates[index])));
  lines.forEach((line) => say(`  ${line}`));
}

/** @returns the base of the API, below the one address of the emulator */
async function deploy(assembly: string, folder: string, emulator: Emulator, stacks: string): Promise<string> {
  const outputs = path.join(folder, 'outputs.json');
  const parameters = ['--app', assembly, '--require-approval', 'never', '--outputs-file', outputs];
  await cdk(folder, emulator)(['deploy', stacks, ...parameters]);
  const written = JSON.parse(readFileSync(outputs, 'utf8')) as Record<string, Record<string, string>>;
  const address = Object.values(written).flatMap(({ ApiUrl }) => ApiUrl ?? [])[0];
  // Hosts of APIs are below the emulator's, and an IP address has none below it: by its path, then.
  const [, id, base] = /^https:\/\/([^.]+)\.execute-api\.[^/]+(\/.*)$/.exec(address) ?? [];
  if (id === undefined) throw new Error(`the output ApiUrl is no address of an API: ${address}`);
  return `${emulator.endpoint}/_aws/execute-api/${id}/$default${base}`;
}

/** @returns whether all tests passed */
async function smoke(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const parameters = [require.resolve('jest/bin/jest'), '--config', 'jest.deploy.config.json', '--coverage=false'];
  const { status } = await run(process.execPath, parameters, {
    cwd: ROOT,
    env: { ...process.env, ...env, REALWORLD_URL: url },
    seconds: 600,
    show: true,
  });
  return status === 0;
}

/** What the docs say to write down of a stack before it is taken away. */
async function retainedOf(python: string, folder: string, emulator: Emulator): Promise<Retained> {
  const { stdout } = await runOrThrow('reading the stack', python, [path.join(DEPLOY, 'retained.py'), STACK], {
    env: { ...cleanEnv(folder), ...emulator.clientEnv },
    seconds: 60,
  });
  const { tables, secrets } = JSON.parse(stdout) as {
    readonly tables: Readonly<Record<string, { name: string; arn: string; streamArn?: string }>>;
    readonly secrets: Readonly<Record<string, string>>;
  };
  const one = <T>(records: Readonly<Record<string, T>>, pattern: RegExp): T => {
    const found = Object.keys(records).filter((id) => pattern.test(id));
    if (found.length !== 1) throw new Error(`${pattern} is not one of ${Object.keys(records).join(', ')}`);
    return records[found[0]];
  };
  const social = one(tables, /^Api(?!Accounts|Feed)/);
  if (social.streamArn === undefined) throw new Error(`the table ${social.name} has no stream`);
  return {
    tableArn: social.arn,
    tableStreamArn: social.streamArn,
    feedTable: one(tables, /^ApiFeed/).name,
    accountsTable: one(tables, /^ApiAccounts/).name,
    signingKeyArn: one(secrets, /^Api/),
  };
}

async function deployed(folder: string, started: (emulator: Emulator) => void): Promise<boolean> {
  const python = await step(
    'Python',
    () => pythonEnvironment(say),
    (interpreter) => interpreter,
  );
  await step('Building the functions', bundleAll, (names) => `${names.length} functions`);
  const assembly = await synthesize(python, folder);
  adapt(assembly, 'all');

  const emulator = await step(
    'Starting MiniStack, IAM on',
    () => startEmulator(python, folder),
    (one) => one.endpoint,
  );
  started(emulator);
  await step('cdk bootstrap', () => cdk(folder, emulator)(['bootstrap', `aws://${ACCOUNT}/${REGION}`]));
  const url = await step(
    'cdk deploy',
    () => deploy(assembly, folder, emulator, STACK),
    (base) => base,
  );
  const passed = await smoke(url, { NODE_EXTRA_CA_CERTS: emulator.clientEnv.NODE_EXTRA_CA_CERTS });
  await step(
    'Waiting for queues and functions',
    () => settled(python, emulator, folder),
    (count) => `${count} functions have run, none has logged an error, every queue is empty`,
  );
  const keep = (verb: string, api: string, variables: NodeJS.ProcessEnv = {}) =>
    runOrThrow(`keeper ${verb}`, process.execPath, ['--import', 'tsx', path.join(DEPLOY, 'keeper.ts'), verb, api], {
      cwd: ROOT,
      env: { ...cleanEnv(folder), ...emulator.clientEnv, ...variables },
      seconds: 120,
    });
  const { stdout: KEPT } = await step('Two users and an article that are to outlive the stack', () =>
    keep('make', url),
  );
  await step('Waiting for queues', () => settled(python, emulator, folder));
  const RETAINED = JSON.stringify(await retainedOf(python, folder, emulator));
  await step('cdk destroy', () => cdk(folder, emulator)(['destroy', STACK, '--app', assembly, '--force']));

  const several = path.join(folder, 'several.out');
  const app = `${process.execPath} ${TSX} --tsconfig ${ROOT}/tsconfig.dev.json ${DEPLOY}/several-stacks-app.ts`;
  await step('Synthesizing several stacks on the tables and the secret that it has left', () =>
    cdk(folder, undefined, { RETAINED })(['synth', '--quiet', '--app', app, '--output', several]),
  );
  adapt(several, 'some');
  const next = await step(
    'cdk deploy --all',
    () => deploy(several, folder, emulator, '--all'),
    (base) => base,
  );
  await step('Finding users, tokens, article and feed again, and going on with them', () =>
    keep('find', next, { KEPT }),
  );
  await step('cdk destroy --all', () => cdk(folder, emulator)(['destroy', '--all', '--app', several, '--force']));
  return passed;
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { url: { type: 'string' } } });
  if (values.url !== undefined) return (await smoke(values.url, {})) ? 0 : 1;

  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'test-deploy-')));
  mkdirSync(path.join(folder, 'home'));
  let emulator: Emulator | undefined;
  let cleaning: Promise<void> | undefined;
  const cleanUp = () =>
    (cleaning ??= (async () => {
      endAllRuns();
      await emulator?.stop();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    })());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(1)));
  }
  try {
    return (await deployed(folder, (one) => (emulator = one))) ? 0 : 1;
  } catch (error) {
    if (emulator && !cleaning) say(`The end of what MiniStack printed:\n${emulator.log()}`);
    throw error;
  } finally {
    await cleanUp();
  }
}

const began = Date.now();
main().then(
  (code) => {
    say(`${code === 0 ? 'Passed' : 'Failed'} in ${((Date.now() - began) / 1000).toFixed(0)} s`);
    process.exit(code);
  },
  (error: unknown) => {
    process.stderr.write(`test:deploy: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
