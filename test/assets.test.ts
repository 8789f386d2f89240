import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { messageSchema } from '../lambda/social-table/message-schema';
import { functionEntries } from '../scripts/bundle';

/** What is built for Lambda, as it is published: `npm test` builds it first. */

const ASSETS = path.join(__dirname, '..', 'assets');
const names = Object.keys(functionEntries());
/** They carry the WebAssembly of the password hash. */
const HASHING = ['realworld-api/create-user', 'realworld-api/login', 'realworld-api/update-current-user'];

/** They carry the client of OpenSearch beside that of DynamoDB; such a function may start in 1.5 of the time of others. */
const SEARCHING = [
  'realworld-api/get-articles-by-search',
  'realworld-api/get-tags-by-search',
  'realworld-api/search-articles',
];
/** They have the clients of OpenSearch, of DynamoDB and of a queue. */
const LOADING = ['search-index-pipeline/manage-index', 'search-index-pipeline/reindex'];
/** They have the clients of DynamoDB, with all that one transaction and one scan take, and of a queue. */
const MIGRATING = ['social-table/migrate'];
/** They invoke a function besides: a converter of the user, and the projector. */
const INVOKING = ['event-sourced-api/operations', 'social-table/migrate-with-converter'];
/** It has the clients of DynamoDB and of a queue, and signs what it publishes. */
const PROJECTING = ['event-sourced-api/project'];
const LARGE = [...HASHING, ...LOADING, ...MIGRATING];
/** They have the client of Cognito beside that of DynamoDB. */
const WITH_USERS = ['get-me', 'update-me', 'delete-me', 'clean-up'].map((name) => `posts-api/${name}`);

const codeOf = (name: string) => readFileSync(path.join(ASSETS, name, 'index.js'), 'utf8');

test('every function of lambda/ is built', () => {
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !existsSync(path.join(ASSETS, name, 'index.js')))).toEqual([]);
});

test.each(names.filter((name) => ![...LARGE, ...PROJECTING, ...INVOKING, ...SEARCHING, ...WITH_USERS].includes(name)))(
  '%s is at most 255 kB',
  (name) => {
    expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(255_000);
  },
);

test.each(PROJECTING)('%s, which publishes what it projects, is at most 270 kB', (name) => {
  expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(270_000);
});

test.each(WITH_USERS)('%s, which asks the user pool, is at most 300 kB', (name) => {
  expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(300_000);
});

test.each(SEARCHING)('%s, which searches, is at most 300 kB', (name) => {
  expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(300_000);
});

test.each(LARGE)('%s, which hashes passwords, loads an index or migrates a table, is at most 320 kB', (name) => {
  expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(320_000);
});

test.each(INVOKING)('%s, which invokes a function, is at most 390 kB', (name) => {
  expect(statSync(path.join(ASSETS, name, 'index.js')).size).toBeLessThanOrEqual(390_000);
});

test('only functions that invoke another carry the client of Lambda', () => {
  expect(names.filter((name) => codeOf(name).includes('X-Amz-Function-Error')).sort()).toEqual(INVOKING);
});

test.each(names)('%s has no source map and no path of the machine that built it', (name) => {
  const code = codeOf(name);
  expect(code).not.toContain('sourceMappingURL=data:');
  expect(code).not.toContain(path.join(__dirname, '..'));
});

test('no function carries what of the SDK only others use: event streams, sign-in by files, found endpoints', () => {
  const unused = /header name exceeds 255 bytes|formatHeaderValue|sso-session|mnemonist|lastTxRateBucket|1116352408/;
  expect(names.filter((name) => unused.test(codeOf(name)))).toEqual([]);
});

test('the logger lies beside the code of those that log, and nobody reads it before', () => {
  const logging = names.filter((name) => codeOf(name).includes('require("./logger.js")'));
  expect(logging.length).toBeGreaterThan(50);
  expect(names.filter((name) => existsSync(path.join(ASSETS, name, 'logger.js')))).toEqual(logging);
  expect(names.filter((name) => codeOf(name).includes('POWERTOOLS_LOGGER'))).toEqual([]);
  const { Logger } = jest.requireActual<{ Logger: new () => { warn: unknown } }>(
    path.join(ASSETS, logging[0], 'logger.js'),
  );
  expect(new Logger().warn).toBeInstanceOf(Function);
  expect(readFileSync(path.join(ASSETS, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).toContain(
    '@aws-lambda-powertools/logger ',
  );
});

test('only functions that sign in carry the password hash', () => {
  expect(names.filter((name) => codeOf(name).includes('argon2'))).toEqual(HASHING);
});

test('only functions that search, or write to an index, carry the client of OpenSearch', () => {
  const ofPipeline = names.filter((name) => name.startsWith('search-index-pipeline/'));
  expect(names.filter((name) => codeOf(name).includes('opensearch-js')).sort()).toEqual(
    [...SEARCHING, ...ofPipeline].sort(),
  );
});

test('no function carries what Node has: tokens are signed and verified by node:crypto', () => {
  expect(readFileSync(path.join(ASSETS, 'THIRD-PARTY-NOTICES.txt'), 'utf8')).not.toContain('jose ');
});

test('the built-in domain is built, with its schema, and each function that runs a domain finds it beside its code', () => {
  const of = path.join(ASSETS, 'event-sourced-api');
  const { domain } = jest.requireActual<{ domain: { aggregate: string } }>(path.join(of, 'expense-claims/index.js'));
  expect(domain.aggregate).toBe('ExpenseClaim');
  expect(readFileSync(path.join(of, 'expense-claims/schema.graphql'), 'utf8')).toContain('type Mutation {');
  expect(names.filter((name) => codeOf(name).includes('require("./domain.js")'))).toEqual(
    names.filter((name) => name.startsWith('event-sourced-api/')),
  );
});

test('the schema of the messages of a SocialTable is published as it is in the code', () => {
  const schema = readFileSync(path.join(ASSETS, 'social-table/messages.schema.json'), 'utf8');
  expect(JSON.parse(schema)).toEqual(messageSchema());
});

test('the licences of what is bundled are published with it', () => {
  const notices = readFileSync(path.join(ASSETS, 'THIRD-PARTY-NOTICES.txt'), 'utf8');
  for (const name of ['@aws-sdk/client-dynamodb', '@middy/core', 'hash-wasm', 'zod']) {
    expect(notices).toContain(`${name} `);
  }
  expect(readdirSync(path.join(ASSETS, 'realworld-api/docs'))).toEqual(
    expect.arrayContaining(['LICENSE', 'NOTICE', 'swagger-ui-bundle.js.LICENSE.txt']),
  );
});
