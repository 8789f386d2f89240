/**
 * `npm run test:dynamodb-local`: the end-to-end tests and those of the runner's DynamoDB on AWS's own DynamoDB Local.
 * Needs Java. Arguments after `--` go to jest.
 */
import { spawn } from 'node:child_process';
import * as path from 'node:path';
import { bundle } from './bundle';
import { findDynamoDbLocal, requireDynamoDbJava } from './dynamodb-local';

const ROOT = path.join(__dirname, '..');

/** What is run there: not the budgets of the endpoints, as that engine counts some capacity units in its own way. */
const SUITES = [
  'test/e2e/realworld.test.ts',
  'test/e2e/realworld-concurrency.test.ts',
  'test/e2e/realworld-bad-input.test.ts',
  'local/dynamodb/',
  'local/event-source/',
];

const say = (line: string) => process.stdout.write(`${line}\n`);

/** @returns the exit status of jest */
async function test(engine: string, parameters: readonly string[]): Promise<number> {
  const jest = require.resolve('jest/bin/jest');
  const child = spawn(process.execPath, [jest, ...SUITES, '--coverage=false', ...parameters], {
    cwd: ROOT,
    env: {
      ...process.env,
      DYNAMODB_LOCAL_DIR: engine,
      // The first is of the end-to-end tests, the second of the runner's own.
      REALWORLD_DYNAMODB: 'dynamodb-local',
      // What `npm test` runs behind, this runs up to date.
      REALWORLD_LAG: '0',
      // Searches are never answered there: the contract holds without them.
      REALWORLD_SEARCH: process.env.REALWORLD_SEARCH ?? 'silent',
      DYNAMODB_LOCAL: '1',
      // Not the sample of `npm test`.
      TEST_SCOPE: 'whole',
    },
    stdio: 'inherit',
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

async function run(): Promise<number> {
  requireDynamoDbJava();
  const engine = findDynamoDbLocal();
  say(`DynamoDB Local in ${engine}`);
  await bundle();
  return test(engine, process.argv.slice(2));
}

run().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`test:dynamodb-local: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
