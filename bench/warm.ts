/**
 * `npm run bench -- warm`: what a list of 20 articles by 20 authors takes of the processor in a function that has answered
 * before, for somebody who is signed in, beside plain calls of the SDK in a process of its own: a Query of 20 rows and a
 * BatchGetItem of 20 articles in turn. Both ask the engine of the local runner, which runs in another process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { build } from 'esbuild';
import { v7 } from 'uuid';
import { compared, type Outcome } from './results';
import { JWKS_KEY } from '../lambda/auth/account-keys';
import { sign } from '../lambda/auth/tokens';
import { ArticleRepository } from '../lambda/realworld-api/repository/articles';
import { PROFILE } from '../lambda/social-table/entities';
import { articleKey, tagPk } from '../lambda/social-table/keys';
import { bundle, COMMON } from '../scripts/bundle';
import { startTestEngine, type TestTables } from '../test/support/engine';
import { newPair } from '../test/support/keys';
import { fullArticleOf, userIdOf } from '../test/support/samples';

const ROUNDS = Number(process.env.ROUNDS ?? 21);
/** Requests of a round, and those before the first, in which code is compiled. */
const REQUESTS = 40;
const WARMING = 600;
const ROWS = 20;
/** Plain calls that a list may take as long as. */
const MOST = 5;
const TAG = 'tag';
const HOUR = 3_600_000;

const ROOT = path.join(__dirname, '..');

const PLAIN = `
  import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
  import { BatchGetCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
  const db = DynamoDBDocumentClient.from(new DynamoDBClient({}));
  let calls = 0;
  export const handler = async ({ table, keys, pk }) => {
    const { length } = calls++ % 2
      ? (await db.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }))).Responses[table]
      : (await db.send(new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'PK = :pk',
          ExpressionAttributeValues: { ':pk': pk },
          ConsistentRead: true,
        }))).Items;
    return { statusCode: length === keys.length ? 200 : 500 };
  };
`;

/** Loads a bundle, and answers how long so many requests took of the processor, in ms each. */
const CHILD = `
  const { handler } = require(process.argv[2]);
  const event = JSON.parse(process.argv[3]);
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 9000 };
  process.on('message', async (count) => {
    const before = process.cpuUsage();
    for (let i = 0; i < count; i++) {
      const answer = await handler(event, context);
      if (answer.statusCode !== 200) throw new Error(answer.statusCode + ' ' + answer.body);
      if (i === 0 && answer.body && JSON.parse(answer.body).articles.length !== ${ROWS}) throw new Error(answer.body);
    }
    const { user, system } = process.cpuUsage(before);
    process.send((user + system) / 1000 / count);
  });
`;

class Subject {
  private readonly child: ChildProcess;

  public constructor(script: string, file: string, event: object, env: NodeJS.ProcessEnv) {
    this.child = fork(script, [file, JSON.stringify(event)], { env, execArgv: [] });
  }

  public async cpu(requests: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.child.once('message', resolve as (ms: unknown) => void);
      this.child.once('exit', (code) => reject(new Error(`a process that was measured ended with ${code}`)));
      this.child.send(requests);
    });
  }

  public close(): void {
    this.child.removeAllListeners('exit');
    this.child.kill();
  }
}

/** Twenty articles of an hour ago, and their authors. @returns the keys of the articles */
async function fill(tables: TestTables) {
  const createdAt = new Date(Date.now() - HOUR).toISOString();
  const people = Array.from({ length: ROWS + 1 }, (_, number) => number);
  await tables.put(
    tables.social,
    people.map((number) =>
      PROFILE.item([userIdOf(number)], {
        userId: userIdOf(number),
        username: `user-${number}`,
        bio: 'b'.repeat(150),
        tokenVersion: 1,
        version: 1,
        createdAt,
        updatedAt: createdAt,
      }),
    ),
  );
  const articles = new ArticleRepository(tables);
  const keys = [];
  for (const number of people.slice(1)) {
    const articleId = v7({ msecs: Date.now() - HOUR + number });
    const article = fullArticleOf(number, number, {
      ...{ articleId, createdAt, updatedAt: createdAt, tagList: [TAG] },
      ...{ description: 'd'.repeat(100), body: 'b'.repeat(5_700) },
    });
    await articles.create(article, article.slug);
    keys.push(articleKey(article.authorId, articleId));
  }
  return keys;
}

const listEvent = (token: string) => ({
  version: '2.0',
  routeKey: 'GET /api/articles',
  rawPath: '/api/articles',
  headers: { authorization: `Token ${token}` },
  requestContext: { http: { method: 'GET', path: '/api/articles' }, requestId: 'r', routeKey: 'GET /api/articles' },
  isBase64Encoded: false,
});

export async function warm(tell: (what: string) => void): Promise<Outcome> {
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-warm-'));
  const [plain, script] = [path.join(folder, 'plain.js'), path.join(folder, 'child.cjs')];
  const { alias: _, ...options } = COMMON;
  await build({ ...options, stdin: { contents: PLAIN, resolveDir: ROOT }, minify: true, outfile: plain });
  writeFileSync(script, CHILD);
  const engine = await startTestEngine();
  const subjects: Subject[] = [];
  try {
    const tables = await engine.tables();
    const keys = await fill(tables);
    const pair = await newPair('k');
    await tables.put(tables.accounts, [{ ...JWKS_KEY, keys: [pair.publicKey], retired: {}, version: 1 }]);
    const token = sign({ userId: userIdOf(0), generation: 1 }, pair.signing, HOUR);
    const env = {
      PATH: process.env.PATH,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL: engine.endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      TABLE_NAME: tables.social,
      ACCOUNTS_TABLE_NAME: tables.accounts,
      CLEAN_UP_WINDOW_SECONDS: '240',
      ITEM_CACHE_TTL_SECONDS: '45',
    };
    const start = (file: string, event: object) => {
      const subject = new Subject(script, file, event, env);
      subjects.push(subject);
      return subject;
    };
    const list = start(path.join(ROOT, 'assets', 'realworld-api', 'get-articles', 'index.js'), listEvent(token));
    const call = start(plain, { table: tables.social, keys, pk: tagPk(TAG) });
    for (const subject of [list, call]) await subject.cpu(WARMING);
    const times: Record<'list' | 'call', number[]> = { list: [], call: [] };
    for (let round = 0; round < ROUNDS; round++) {
      tell(`round ${round + 1} of ${ROUNDS}`);
      times.list.push(await list.cpu(REQUESTS));
      times.call.push(await call.cpu(REQUESTS * 2));
    }
    const baseline = { name: 'one plain call', values: times.call };
    const list20 = compared(`list of ${ROWS}, signed in`, 'ms CPU', times.list, baseline, { of: 'ratio', most: MOST });
    return { rounds: ROUNDS, figures: [list20] };
  } finally {
    subjects.forEach((subject) => subject.close());
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
