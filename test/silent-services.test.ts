import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { requestEvent } from './support/events';
import { fullSystem } from '../examples/full-system/system';

/** A function as it is published, in a process of its own, against services that do not answer. */

const FUNCTION = path.join(__dirname, '..', 'assets', 'realworld-api', 'get-profile-by-username', 'index.js');
const CALL = `require(process.argv[1]).handler(JSON.parse(process.argv[2]), {}).then((answer) => {
  process.stdout.write('ANSWER ' + JSON.stringify(answer));
  process.exit();
});`;

/** What a function is told that calls a service: names of tables and the like. A health check calls none. */
const CALLS = /(TABLE_NAME|QUEUE_URL)$/;

/** The shortest time-out of any function of the full system that calls, in ms: what all attempts of a call have to end within. */
function shortestTimeout(): number {
  const functions = fullSystem(new App()).flatMap((stack) =>
    Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function') as Record<string, LambdaResource>),
  );
  const calling = functions.filter(({ Properties }) =>
    Object.keys(Properties.Environment?.Variables ?? {}).some((name) => CALLS.test(name)),
  );
  expect(calling.length).toBeGreaterThan(40);
  return Math.min(...calling.map(({ Properties }) => Properties.Timeout ?? 3)) * 1000;
}

interface LambdaResource {
  readonly Properties: {
    readonly Timeout?: number;
    readonly Environment?: { readonly Variables: Readonly<Record<string, unknown>> };
  };
}

/** Calls the function; undefined where it has not answered by the deadline. */
async function answerOf(server: Server, deadline: number): Promise<{ statusCode: number } | undefined> {
  const { port } = server.address() as AddressInfo;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'key',
    TABLE_NAME: 'social',
    ACCOUNTS_TABLE_NAME: 'accounts',
  };
  const printed = await new Promise<string>((done) => {
    const given = ['-e', CALL, FUNCTION, JSON.stringify(requestEvent({ path: { username: 'ada' } }))];
    // Killed at the deadline, as Lambda would.
    execFile(process.execPath, given, { env, timeout: deadline }, (_, stdout) => done(stdout));
  });
  const answer = printed.split('ANSWER ')[1];
  return answer === undefined ? undefined : (JSON.parse(answer) as { statusCode: number });
}

const SERVICES: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  'takes a call and never answers': () => undefined,
  'begins an answer and never ends it': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'content-length': '1000' });
    response.write('{');
  },
};

test.each(Object.keys(SERVICES))(
  'a service that %s is asked again, and given up before the function ends',
  async (id) => {
    let calls = 0;
    const server = createServer((request, response) => {
      calls += 1;
      SERVICES[id](request, response);
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    try {
      await expect(answerOf(server, shortestTimeout())).resolves.toMatchObject({ statusCode: 500 });
      expect(calls).toBe(3);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
);
