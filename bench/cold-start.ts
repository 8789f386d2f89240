/**
 * `npm run bench -- cold-start`: what a function's first request takes of the processor, from an empty process to its
 * answer, as a ratio to a plain handler with `@aws-sdk/client-dynamodb` and `@aws-sdk/lib-dynamodb` built alike. All are
 * started in turn, again and again, so that what else the machine does meets all of them; medians are compared, and no
 * seconds.
 *
 * Tables and index are stubs that answer at once with nothing: what is measured is the code that is loaded and run.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { atMost, compared, type Figure, type Outcome } from './results';
import { bundle, COMMON } from '../scripts/bundle';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
const ROOT = path.join(__dirname, '..');
const PLAIN_NAME = 'plain handler';

const PLAIN = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
  const db = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  export const handler = async () => {
    const { Responses } = await db.send(new BatchGetCommand({ RequestItems: { t: { Keys: [{ PK: 'a', SK: 'b' }] } } }));
    return { statusCode: 200, body: JSON.stringify(Responses) };
  };
`;

/** Of a bundle, and what its ratio may be. */
interface Subject {
  readonly name: string;
  readonly most: number;
  readonly query?: Readonly<Record<string, string>>;
  readonly path?: Readonly<Record<string, string>>;
}

const SUBJECTS: readonly Subject[] = [
  { name: 'get-article', most: 1.15, path: { slug: 'a' } },
  { name: 'get-tags', most: 1.15 },
  { name: 'get-articles', most: 1.5 },
  { name: 'get-tags-by-search', most: 1.5 },
  { name: 'get-articles-by-search', most: 1.5 },
  { name: 'search-articles', most: 1.5, query: { q: 'dragon' } },
];

/** Runs in a process of its own: loads a bundle, sends one event, and prints what both took of the processor, in µs. */
const CHILD = `
  const before = process.cpuUsage();
  const { handler } = require(process.argv[1]);
  Promise.resolve(handler(JSON.parse(process.argv[2]), { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 })).then((answer) => {
    const { user, system } = process.cpuUsage(before);
    process.stdout.write(JSON.stringify({ cpu: user + system, status: answer.statusCode }), () => process.exit(0));
  });
`;

const event = ({ query, path: parameters }: Subject) =>
  JSON.stringify({
    version: '2.0',
    routeKey: 'GET /',
    rawPath: '/',
    headers: {},
    queryStringParameters: query,
    pathParameters: parameters,
    requestContext: { http: { method: 'GET', path: '/' }, requestId: 'r', routeKey: 'GET /' },
    isBase64Encoded: false,
  });

const NO_HITS = {
  timed_out: false,
  _shards: { failed: 0 },
  hits: { total: { value: 0 }, hits: [] },
  aggregations: { tags: { buckets: [] } },
};

async function startStub() {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const target = String(request.headers['x-amz-target'] ?? '');
      const body = target === '' ? NO_HITS : target.endsWith('Query') ? { Items: [], Count: 0 } : { Responses: {} };
      response.writeHead(200, { 'content-type': target === '' ? 'application/json' : 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function measure(file: string, given: string, env: NodeJS.ProcessEnv): Promise<{ cpu: number; status: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', CHILD, file, given], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
    child.on('error', reject);
    child.on('exit', () => {
      if (printed === '') reject(new Error(`${file} printed nothing`));
      else resolve(JSON.parse(printed) as { cpu: number; status: number });
    });
  });
}

/** First requests of functions, by a plain handler's. */
export async function coldStart(tell: (what: string) => void): Promise<Outcome> {
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-'));
  const plain = path.join(folder, 'plain.js');
  const { alias: _, ...options } = COMMON;
  await build({ ...options, stdin: { contents: PLAIN, resolveDir: ROOT }, minify: true, outfile: plain });
  const { url, server } = await startStub();
  const env = {
    PATH: process.env.PATH,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: url,
    // One line of what toolchain the SDK will ask for next year.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    TABLE_NAME: 'social',
    ACCOUNTS_TABLE_NAME: 'accounts',
    CLEAN_UP_WINDOW_SECONDS: '240',
    SEARCH_ENDPOINT: url,
    SEARCH_SERVICE: 'es',
    SEARCH_ALIAS: 'articles',
    SEARCH_TIMEOUT_MS: '5000',
    SEARCH_WINDOW_SECONDS: '120',
    SEARCH_DELETED_WINDOW_SECONDS: '360',
  };
  const all = [
    { name: PLAIN_NAME, most: 1, file: plain, given: '{}' },
    ...SUBJECTS.map((subject) => ({
      ...subject,
      file: path.join(ROOT, 'assets', 'realworld-api', subject.name, 'index.js'),
      given: event(subject),
    })),
  ];
  const times = new Map<string, number[]>(all.map(({ name }) => [name, []]));
  try {
    for (let round = 0; round < ROUNDS; round++) {
      tell(`round ${round + 1} of ${ROUNDS}`);
      for (const { name, file, given } of all) {
        const { cpu, status } = await measure(file, given, env);
        // Of stubs that have nothing 404 is an answer; one that fails would be quick.
        if (status >= 500) throw new Error(`${name} answers ${status}`);
        times.get(name)?.push(cpu / 1000);
      }
    }
    const baseline = { name: PLAIN_NAME, values: times.get(PLAIN_NAME) ?? [] };
    const ratios = SUBJECTS.map(({ name, most }): Figure =>
      compared(name, 'ms CPU', times.get(name) ?? [], baseline, atMost(most)),
    );
    return { rounds: ROUNDS, figures: [...ratios, ...all.slice(1).map(sizeOf)] };
  } finally {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  }
}

const sizeOf = ({ name, file }: { name: string; file: string }): Figure => ({
  name: `${name}, bundle`,
  unit: 'kB',
  value: Math.round(statSync(file).size / 1000),
});
