/**
 * Part of `npm run bench:feed`: the memory of the worker as it is shipped, by the number of followers, beside a bare loop
 * of BatchWriteItem with as many rows. Each is a process of its own; the queue is in this one, as it is elsewhere on AWS.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { SQSBatchResponse } from 'aws-lambda';
import { build } from 'esbuild';
import { authorOf, FEW, FOLLOWERS, type Measured, MESSAGES, number, TTL_SECONDS, UNDER_WAY, type World } from './world';
import { bundle, COMMON } from '../../scripts/bundle';
import { atMost, compared, type Figure } from '../results';

const ROOT = path.join(__dirname, '..', '..');
const ROUNDS = 3;
/** Fewer followers than a worker can have in its hands at once. */
const SMALL = 1_000;
/** Memory in use with the most followers, by that with ten thousand, of which a worker has its hands full already. */
const FLAT = 1.1;

/** Loads a bundle, and answers each event with what it answers and the most memory that was seen: in use, and of the process. */
const CHILD = `
  const { handler } = require(process.argv[2]);
  let [inUse, rss] = [0, 0];
  const collect = () => {
    gc();
    const { heapUsed, external } = process.memoryUsage();
    inUse = Math.max(inUse, heapUsed + external);
  };
  const look = () => (rss = Math.max(rss, process.memoryUsage.rss()));
  setInterval(collect, 100);
  setInterval(look, 10);
  process.on('message', async (event) => {
    const answer = await handler(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 15000 });
    look();
    process.send({ answer, inUse, rss });
  });
`;

const BARE = `
  import { BatchWriteItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
  const db = new DynamoDBClient({ requestHandler: { socketTimeout: 60000 } });
  export const handler = async ({ count, underWay, articleId, authorId, expiresAt }) => {
    let next = 0;
    const consume = async () => {
      while (next < count) {
        const start = next;
        next += 25;
        const rows = Array.from({ length: Math.min(25, count - start) }, (_, n) => ({
          PutRequest: {
            Item: {
              PK: { S: 'USER#' + String(start + n).padStart(36, '0') },
              SK: { S: articleId },
              authorId: { S: authorId },
              expiresAt: { N: expiresAt },
            },
          },
        }));
        await db.send(new BatchWriteItemCommand({ RequestItems: { bare: rows } }));
      }
    };
    await Promise.all(Array.from({ length: underWay }, consume));
  };
`;

interface Seen {
  readonly answer?: SQSBatchResponse;
  readonly inUse: number;
  readonly rss: number;
}

/** A process with one function in it. */
class Subject {
  private readonly child: ChildProcess;

  public constructor(script: string, file: string, env: NodeJS.ProcessEnv) {
    this.child = fork(script, [file], { env, execArgv: ['--expose-gc'] });
  }

  public send(event: object): Promise<Seen> {
    return new Promise((resolve, reject) => {
      this.child.removeAllListeners();
      this.child.once('message', (seen) => resolve(seen as Seen));
      this.child.once('exit', (code) => reject(new Error(`a process that was measured ended with ${code}`)));
      this.child.send(event);
    });
  }

  public close(): void {
    this.child.removeAllListeners();
    this.child.kill();
  }
}

/** A queue that takes messages as SQS does. */
class Queue {
  public readonly waiting: string[] = [];
  private readonly server: Server;

  public constructor() {
    this.server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const { Entries } = JSON.parse(Buffer.concat(parts).toString()) as {
          Entries: { Id: string; MessageBody: string }[];
        };
        this.waiting.push(...Entries.map(({ MessageBody }) => MessageBody));
        const Successful = Entries.map(({ Id, MessageBody }) => ({
          Id,
          MessageId: Id,
          MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
        }));
        response.setHeader('content-type', 'application/x-amz-json-1.0');
        response.end(JSON.stringify({ Successful, Failed: [] }));
      });
    });
  }

  public async open(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}

interface Taken {
  /** Memory in use, after garbage is collected, in MB. */
  readonly inUse: number;
  /** Memory of the process, in MB. */
  readonly rss: number;
}

const taken = ({ inUse, rss }: Seen): Taken => ({ inUse: inUse / 1e6, rss: rss / 1e6 });

/** Works a queue off as an event source does; what fails comes again. */
async function workOff(subject: Subject, queue: Queue): Promise<Taken> {
  let [last, tries] = [{ inUse: 0, rss: 0 }, 0];
  while (queue.waiting.length > 0) {
    const bodies = queue.waiting.splice(0, MESSAGES);
    const Records = bodies.map((body, place) => ({ body, messageId: String(place), attributes: {} }));
    const seen = await subject.send({ Records });
    last = taken(seen);
    const failed = seen.answer?.batchItemFailures ?? [];
    queue.waiting.push(...failed.map(({ itemIdentifier }) => bodies[Number(itemIdentifier)]));
    tries += failed.length;
    if (tries > 100) throw new Error('a hundred messages of the worker have failed');
  }
  return last;
}

/** An author with so many followers. */
interface Author {
  readonly authorId: string;
  readonly followers: number;
}

/** What the worker as it is shipped holds at most, by the number of followers. */
export async function memory(world: World): Promise<Measured> {
  const authors = [
    { authorId: authorOf(3), followers: SMALL },
    { authorId: authorOf(2), followers: FEW },
    { authorId: authorOf(1), followers: FOLLOWERS },
  ];
  for (const { authorId, followers } of authors) await world.followed(authorId, followers);
  world.say('\nMemory of the worker as it is shipped, at most');
  let published = 0;
  await bundle();
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-feed-'));
  const [script, bare] = [path.join(folder, 'child.cjs'), path.join(folder, 'bare.js')];
  const { alias: _, ...options } = COMMON;
  await build({ ...options, stdin: { contents: BARE, resolveDir: ROOT }, minify: true, outfile: bare });
  writeFileSync(script, CHILD);
  const worker = path.join(ROOT, 'assets', 'feed-fanout', 'worker', 'index.js');
  const queue = new Queue();
  try {
    const endpoint = await queue.open();
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL_DYNAMODB: process.env.AWS_ENDPOINT_URL,
      AWS_ENDPOINT_URL: endpoint,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      QUEUE_URL: `${endpoint}/queue`,
      TABLE_NAME: 'social',
      FEED_TABLE_NAME: 'feed',
      FEED_READ_CAP: '1000',
      FEED_TTL_SECONDS: String(TTL_SECONDS),
      FEED_PULL_ABOVE: '10000000',
    };
    const during = async (file: string, work: (subject: Subject) => Promise<Taken>) => {
      const subject = new Subject(script, file, env);
      return work(subject).finally(() => subject.close());
    };
    const all = authors.map(() => ({ ours: [] as Taken[], base: [] as Taken[] }));
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place, { authorId, followers }] of authors.entries()) {
        const articleId = await world.publish(authorId, world.began + ++published);
        queue.waiting.push(JSON.stringify({ type: 'article-created', articleId, authorId }));
        const { ours, base } = all[place];
        ours.push(await during(worker, (subject) => workOff(subject, queue)));
        const rows = { count: followers, underWay: UNDER_WAY, articleId, authorId, expiresAt: '2000000000' };
        base.push(await during(bare, async (subject) => taken(await subject.send(rows))));
        const [[mine], [other]] = [ours.slice(-1), base.slice(-1)];
        world.say(
          `  ${number(followers).padStart(7)} followers: ${mine.inUse.toFixed(1)} MB in use (bare loop ${other.inUse.toFixed(1)}), ` +
            `${mine.rss.toFixed(0)} MB of the process (${other.rss.toFixed(0)})`,
        );
      }
    }
    return { rounds: ROUNDS, figures: figuresOf(authors, all) };
  } finally {
    queue.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function figuresOf(authors: readonly Author[], all: readonly { ours: Taken[]; base: Taken[] }[]): Figure[] {
  const of = (list: readonly Taken[], kind: keyof Taken) => list.map((one) => one[kind]);
  const [most, full] = [all[all.length - 1], all[all.length - 2]];
  const [name, fewer] = [authors.length - 1, authors.length - 2].map((place) => number(authors[place].followers));
  return [
    ...authors.flatMap(({ followers }, place) => {
      const { ours, base } = all[place];
      const beside = (kind: keyof Taken) => ({ name: 'bare loop', values: of(base, kind) });
      const who = `worker, ${number(followers)} followers`;
      return [
        compared(`${who}: memory in use`, 'MB', of(ours, 'inUse'), beside('inUse')),
        compared(`${who}: memory of the process`, 'MB', of(ours, 'rss'), beside('rss')),
      ];
    }),
    compared(
      `worker, memory in use, ${name} followers by ${fewer}`,
      'MB',
      of(most.ours, 'inUse'),
      { name: `${fewer} followers`, values: of(full.ours, 'inUse') },
      atMost(FLAT),
    ),
  ];
}
