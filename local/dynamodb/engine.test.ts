import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { startEngine } from './engine';

/** Stands in for Java: says as often as asked what Java says where its port is taken, and then answers on its port. */
const JAVA = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs');
const port = Number(process.argv[process.argv.indexOf('-port') + 1]);
const runs = process.env.FAKE_JAVA_RUNS;
appendFileSync(runs, port + '\\n');
if (readFileSync(runs, 'utf8').trim().split('\\n').length <= Number(process.env.FAKE_JAVA_FAILS)) {
  console.error(process.env.FAKE_JAVA_SAYS);
  process.exit(1);
}
require('node:http').createServer((request, response) => response.end('{"TableNames":[]}')).listen(port, '127.0.0.1');
`;
const TAKEN = 'Caused by: java.net.BindException: Address already in use';

describe('a DynamoDB Local whose port somebody else has taken meanwhile', () => {
  const environment = { ...process.env };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'engine-'));
    writeFileSync(join(folder, 'DynamoDBLocal.jar'), '');
    writeFileSync(join(folder, 'java'), JAVA);
    chmodSync(join(folder, 'java'), 0o755);
    const PATH = `${folder}${delimiter}${process.env.PATH}`;
    Object.assign(process.env, { PATH, DYNAMODB_LOCAL_DIR: folder, FAKE_JAVA_RUNS: join(folder, 'runs') });
  });
  afterEach(() => {
    process.env = { ...environment };
    rmSync(folder, { recursive: true });
  });

  const fails = (times: number, says = TAKEN) =>
    Object.assign(process.env, { FAKE_JAVA_FAILS: String(times), FAKE_JAVA_SAYS: says });
  const ports = () => readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n');
  const start = () => startEngine({ wanted: 'dynamodb-local' });

  test('is started on others, until one is free', async () => {
    fails(4);
    const engine = await start();
    expect(await engine.client.call('ListTables', {})).toEqual({ TableNames: [] });
    await engine.close();
    expect(ports()).toHaveLength(5);
    expect(new Set(ports()).size).toBeGreaterThan(1);
  });

  test('is given up after five', async () => {
    fails(9);
    await expect(start()).rejects.toThrow(`dynamodb-local did not start: ended with 1: ${TAKEN}`);
    expect(ports()).toHaveLength(5);
  });

  test('and one that ends for anything else is not tried again', async () => {
    fails(9, 'Unsupported class file major version 61');
    await expect(start()).rejects.toThrow('dynamodb-local did not start: ended with 1: Unsupported class file');
    expect(ports()).toHaveLength(1);
  });
});
