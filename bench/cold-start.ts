/**
 * `npm run bench -- cold-start`: what a function's first request takes of the processor, from an empty process to its
 * answer, as a ratio to a plain handler with `@aws-sdk/client-dynamodb` and `@aws-sdk/lib-dynamodb` built alike. All are
 * started in turn, again and again, each after a plain one, so that what else the machine does meets both; medians are
 * compared, and no seconds.
 *
 * Requests are of a user who is signed in, but where it is said, and tables have what they ask for: the plain handler
 * reads one item that is there. The index finds nothing, and what is read was not changed in the last seconds.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { fileOf, type Subject, subjectsOn } from './cold/subjects';
import { startWorld } from './cold/world';
import { atMost, compared, type Figure, type Outcome } from './results';
import { JWKS_KEY } from '../lambda/auth/account-keys';
import { bundle, COMMON } from '../scripts/bundle';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const ROOT = path.join(__dirname, '..');

/** Articles of the author: lists show them all. */
const ARTICLES = 5;

const PLAIN = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
  const db = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  export const handler = async () => {
    const Keys = [${JSON.stringify(JWKS_KEY)}];
    const { Responses } = await db.send(new BatchGetCommand({ RequestItems: { accounts: { Keys } } }));
    return { statusCode: 200, body: JSON.stringify(Responses) };
  };
`;

/** Runs in a process of its own: loads a bundle, sends one event, and prints what both took of the processor, in µs. */
const CHILD = `
  const before = process.cpuUsage();
  const { handler } = require(process.argv[1]);
  Promise.resolve(handler(JSON.parse(process.argv[2]), { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 })).then((answer) => {
    const { user, system } = process.cpuUsage(before);
    const { statusCode: status, body = '' } = answer;
    process.stdout.write(JSON.stringify({ cpu: user + system, status, body }), () => process.exit(0));
  });
`;

interface Measured {
  /** In µs. */
  readonly cpu: number;
  readonly status: number;
  readonly body: string;
}

function measure(file: string, event: object, env: NodeJS.ProcessEnv): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const given = JSON.stringify(event);
    const child = spawn(process.execPath, ['-e', CHILD, file, given], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('error', reject);
    child.on('exit', () => {
      if (printed === '') reject(new Error(`${file} printed nothing`));
      else resolve(JSON.parse(printed) as Measured);
    });
  });
}

/** @throws Error where a function does not answer as it should: one that fails would be quick */
async function timeOf(subject: Subject, file: string, round: number, env: NodeJS.ProcessEnv): Promise<number> {
  const { name, status: wanted, shows = '' } = subject;
  const { cpu, status, body } = await measure(file, await subject.event(round), env);
  if (status !== wanted) throw new Error(`${name} answered with ${status}, not with ${wanted}`);
  if (!body.includes(shows)) throw new Error(`${name} does not show ${shows}`);
  return cpu / 1000;
}

const PLAIN_HANDLER: Subject = {
  ...{ name: 'plain handler', bundle: '', status: 200, shows: 'bench' },
  event: () => ({}),
};

/** First requests of functions, by a plain handler's. */
export async function coldStart(tell: (what: string) => void): Promise<Outcome> {
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const plain = path.join(folder, 'plain.js');
  const { alias: _, ...options } = COMMON;
  await build({ ...options, stdin: { contents: PLAIN, resolveDir: ROOT }, minify: true, outfile: plain });
  const world = await startWorld();
  Object.assign(process.env, world.env);
  const env = { PATH: process.env.PATH, ...world.env };
  try {
    const groups = await subjectsOn(ARTICLES, world.fillFollows);
    const all = groups.map((group) =>
      group.map((subject) => ({ subject, times: [] as number[], baseline: [] as number[] })),
    );
    for (const [index, group] of all.entries()) {
      for (let round = 0; round < ROUNDS; round++) {
        tell(`round ${round + 1} of ${ROUNDS}, ${index + 1} of ${all.length}`);
        for (const { subject, times, baseline } of group) {
          // Each beside its own: what else the machine does is otherwise some seconds before.
          baseline.push(await timeOf(PLAIN_HANDLER, plain, round, env));
          times.push(await timeOf(subject, fileOf(subject.bundle), round, env));
        }
      }
    }
    const ratios = all.flat().map(({ subject: { name, most }, times, baseline }): Figure => {
      const beside = { name: PLAIN_HANDLER.name, values: baseline };
      return compared(name, 'ms CPU', times, beside, most === undefined ? undefined : atMost(most));
    });
    const bundles = [...new Set(groups.flat().map(({ bundle: of }) => of))];
    return { rounds: ROUNDS, figures: [...ratios, sizeOf(PLAIN_HANDLER.name, plain), ...bundles.map(ofBundle)] };
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const ofBundle = (name: string): Figure => sizeOf(path.basename(name), fileOf(name));

const sizeOf = (name: string, file: string): Figure => ({
  name: `${name}, bundle`,
  unit: 'kB',
  value: Math.round(statSync(file).size / 1000),
});
