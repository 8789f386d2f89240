import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { EndpointCache } from '../lambda/core/no-endpoint-cache';
import {
  EventStreamSerde,
  eventStreamSerdeProvider,
  resolveEventStreamSerdeConfig,
} from '../lambda/core/no-event-streams';
import { ReadableStream } from '../lambda/core/no-web-streams';

/** What bundles do without parts of the SDK: where their calls go, and how, by the environment that a user gives. */

const ASSETS = path.join(__dirname, '..', 'assets');

/** Runs in a process of its own: a function is asked, and each request that leaves is told and answered by nothing. */
const CHILD = `
  const { EventEmitter } = require('node:events');
  const { Readable } = require('node:stream');
  const asked = [];
  let answers = JSON.parse(process.argv[3]);
  for (const [name, port] of [['http', 80], ['https', 443]]) {
    const module = require('node:' + name);
    module.request = (options, listener) => {
      const request = new EventEmitter();
      const done = () => {
        const { host, port: at, headers } = options;
        asked.push({ url: name + '://' + host + (at && at !== port ? ':' + at : ''), ...headers });
        const answer = answers.shift() ?? { status: 200, body: '{}' };
        if (answer.status === 0) return setImmediate(() => request.emit('error', Object.assign(new Error('reset'), { code: 'ECONNRESET' })));
        const response = Readable.from([Buffer.from(answer.body)]);
        Object.assign(response, { statusCode: answer.status, headers: { 'content-type': 'application/x-amz-json-1.0' } });
        setImmediate(() => listener(response));
      };
      return Object.assign(request, { write: () => true, end: done, destroy: () => request, setTimeout: () => request, once: request.on });
    };
  }
  const { handler } = require(process.argv[1]);
  Promise.resolve(handler(JSON.parse(process.argv[2]), { getRemainingTimeInMillis: () => 9000 })).then(
    ({ statusCode }) => process.stdout.write(JSON.stringify({ statusCode, asked }), () => process.exit(0)),
  );
`;

interface Asked {
  readonly url: string;
  readonly 'user-agent': string;
  readonly authorization: string;
  readonly 'x-amz-target': string;
  readonly 'amz-sdk-request': string;
}

const home = mkdtempSync(path.join(tmpdir(), 'home-'));
beforeAll(() => {
  mkdirSync(path.join(home, '.aws'));
  writeFileSync(path.join(home, '.aws', 'config'), '[default]\nendpoint_url = http://of-a-file.example\n');
});
afterAll(() => rmSync(home, { recursive: true }));

const EVENT = {
  ...{ version: '2.0', routeKey: 'GET /tags', rawPath: '/tags', headers: {}, isBase64Encoded: false },
  requestContext: { http: { method: 'GET', path: '/tags', sourceIp: '192.0.2.1' }, requestId: 'r', domainName: 'a' },
};

type Answers = readonly { readonly status: number; readonly body?: string }[];

/** Asks for tags, which takes queries of DynamoDB. */
function ask(env: Readonly<Record<string, string>>, answers: Answers = []): { statusCode: number; asked: Asked[] } {
  const file = path.join(ASSETS, 'realworld-api', 'get-tags', 'index.js');
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['-e', CHILD, file, JSON.stringify(EVENT), JSON.stringify(answers)],
    {
      encoding: 'utf8',
      env: {
        ...{ PATH: process.env.PATH, HOME: home, NODE_NO_WARNINGS: '1', TABLE_NAME: 'social' },
        ...{ AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'key', AWS_SESSION_TOKEN: 't' },
        ...env,
      },
    },
  );
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as { statusCode: number; asked: Asked[] };
}

test.each<[string, Record<string, string>, string]>([
  ['of the region', {}, 'https://dynamodb.eu-west-1.amazonaws.com'],
  ['of a region of another partition', { AWS_REGION: 'cn-north-1' }, 'https://dynamodb.cn-north-1.amazonaws.com.cn'],
  ['that the environment names', { AWS_ENDPOINT_URL: 'http://emulator:4566' }, 'http://emulator:4566'],
  ['that it names for DynamoDB', { AWS_ENDPOINT_URL_DYNAMODB: 'http://db:8000' }, 'http://db:8000'],
  [
    'that it names for DynamoDB, before that of all',
    { AWS_ENDPOINT_URL: 'http://emulator:4566', AWS_ENDPOINT_URL_DYNAMODB: 'http://db:8000' },
    'http://db:8000',
  ],
  ['of FIPS', { AWS_USE_FIPS_ENDPOINT: 'true' }, 'https://dynamodb-fips.eu-west-1.amazonaws.com'],
  ['of both IP protocols', { AWS_USE_DUALSTACK_ENDPOINT: 'true' }, 'https://dynamodb.eu-west-1.api.aws'],
  [
    'of FIPS and both IP protocols',
    { AWS_USE_FIPS_ENDPOINT: 'true', AWS_USE_DUALSTACK_ENDPOINT: 'true' },
    'https://dynamodb-fips.eu-west-1.api.aws',
  ],
  [
    'of the region, whatever it says of accounts',
    { AWS_ACCOUNT_ID_ENDPOINT_MODE: 'preferred', AWS_ACCOUNT_ID: '111111111111' },
    'https://dynamodb.eu-west-1.amazonaws.com',
  ],
  [
    'of the region, whatever it says of discovery',
    { AWS_ENABLE_ENDPOINT_DISCOVERY: 'true' },
    'https://dynamodb.eu-west-1.amazonaws.com',
  ],
])('the endpoint is the one %s', (_, env, endpoint) => {
  const { statusCode, asked } = ask(env);
  expect(statusCode).toBe(200);
  expect(new Set(asked.map(({ url }) => url))).toEqual(new Set([endpoint]));
  expect(asked.filter((one) => !one['x-amz-target'].endsWith('.Query'))).toEqual([]);
  const region = env.AWS_REGION ?? 'eu-west-1';
  for (const { authorization } of asked) {
    expect(authorization).toMatch(
      new RegExp(`^AWS4-HMAC-SHA256 Credential=id/\\d{8}/${region}/dynamodb/aws4_request, `),
    );
  }
});

test('the name of an app is told to AWS, as the environment says', () => {
  const [{ 'user-agent': anonymous }] = ask({}).asked;
  const [{ 'user-agent': named }] = ask({ AWS_SDK_UA_APP_ID: 'conduit' }).asked;
  expect([anonymous, named].map((agent) => agent.includes('app/conduit'))).toEqual([false, true]);
});

test('the version of the SDK is told to AWS, of all that its package says of itself', () => {
  const { version, description } = jest.requireActual<{ version: string; description: string }>(
    '@aws-sdk/client-dynamodb/package.json',
  );
  const [{ 'user-agent': agent }] = ask({}).asked;
  expect(agent).toContain(`aws-sdk-js/${version} `);
  const code = readFileSync(path.join(ASSETS, 'realworld-api', 'get-tags', 'index.js'), 'utf8');
  expect(code).not.toContain(description);
});

const THROTTLED = { status: 400, body: '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException"}' };

test.each<[string, Answers[number]]>([
  ['that is throttled', THROTTLED],
  ['that fails at AWS', { status: 500, body: '{}' }],
  ['whose connection breaks', { status: 0 }],
])('a call %s is tried again, three times in all', (_, failure) => {
  const calls = ask({}).asked.length;
  const once = ask({}, [failure]);
  expect([once.statusCode, once.asked.length]).toEqual([200, calls + 1]);
  expect(
    once.asked
      .map((one) => one['amz-sdk-request'])
      .sort()
      .at(-1),
  ).toMatch(/^attempt=2; max=3$/);
  const always = ask(
    {},
    Array.from({ length: 100 }, () => failure),
  );
  expect(always.statusCode).toBeGreaterThanOrEqual(500);
  expect(
    always.asked
      .map((one) => one['amz-sdk-request'])
      .sort()
      .at(-1),
  ).toMatch(/^attempt=3; max=3$/);
});

test('what is in the place of what is left out says so where it is used', () => {
  expect(() => new EventStreamSerde()).toThrow('A call with an event stream');
  expect(() => eventStreamSerdeProvider()).toThrow('A call with an event stream');
  const config = {};
  expect(resolveEventStreamSerdeConfig(config)).toBe(config);
  const cache = new EndpointCache();
  expect(cache.getEndpoint()).toBeUndefined();
  expect(() => cache.get()).toThrow('Endpoints are not discovered');
  expect(() => new ReadableStream()).toThrow('A stream as an answer');
});
