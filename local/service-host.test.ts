import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize } from './assembly/test-assembly';
import { AwsError, WireProtocol } from './aws/protocol';
import { startApp } from './runner';
import { LocalService, RunningService } from './service';
import { HostOptions, ServiceHost } from './service-host';
import { servicesWith } from './services';
import { AwsCall } from './types';

/** REST with plain text, as no service of the list speaks: `GET /things/{name}`, `POST /sign-in`. */
const REST: WireProtocol = {
  match: ({ method, path }) => {
    if (method === 'GET' && path.startsWith('/things/')) return 'GetThing';
    return method === 'POST' && path === '/sign-in' ? 'SignIn' : undefined;
  },
  parse: ({ path, body }) => ({ name: path.split('/')[2], body }),
  answer: ({ status = 200, body }, requestId) => ({ status, headers: { 'x-id': requestId }, body: String(body) }),
  failure: ({ status, code }) => ({ status, headers: { 'x-error': code }, body: '' }),
};

/** A service that is nowhere in the list. */
function things(log: string[] = []): LocalService {
  return {
    name: 'Things',
    iamPrefixes: ['things'],
    conditionKeys: ['things:Colour'],
    lags: { things: 'things' },
    start: ({ lagOf }): RunningService => ({
      providers: [
        {
          // Inert where no service takes it.
          types: ['AWS::SNS::Topic'],
          create: async ({ logicalId }) => Promise.resolve({ ref: `thing-${logicalId}`, attributes: {} }),
        },
      ],
      apis: [
        {
          prefix: 'things',
          protocol: REST,
          unsigned: ['SignIn'],
          permissions: ({ operation, input }) => [
            { action: `things:${operation}`, resources: [`arn:aws:things:::${String(input.name)}`] },
          ],
          handle: async ({ input, operation, caller }) => {
            if (input.name === 'none') throw new AwsError('NoSuchThing', 'there is none', 404);
            return Promise.resolve({
              body: `${operation} ${String(input.name ?? input.body)} ${caller.principal.name}`,
            });
          },
        },
      ],
      functionEnvironment: { THINGS_LAG: String(lagOf('things')) },
      addresses: () => [{ name: 'things', url: 'http://localhost:1/things' }],
      inspect: () => [{ key: 'things', title: 'Things', entries: [{ name: 'all', items: ['one'] }] }],
      deployed: () => void log.push('deployed'),
      stop: () => log.push('stop'),
      close: async () => Promise.resolve(void log.push('close')),
    }),
  };
}

const SIGNED = { authorization: 'AWS4-HMAC-SHA256 Credential=KEY/20250101/us-east-1/things/aws4_request, Signature=0' };

describe('a host', () => {
  const calls: AwsCall[] = [];
  const denied = new Set<string>();
  let host: ServiceHost;
  let workDir: string;

  function hostOf(services: readonly LocalService[], options: Partial<HostOptions> = {}): ServiceHost {
    return new ServiceHost({
      ...{ services, workDir, region: 'us-east-1', accountId: '000000000000', port: 0 },
      log: () => undefined,
      identify: (key) => (key === 'KEY' ? { principal: { name: 'caller' } } : undefined),
      record: (call) => calls.push(call),
      ...options,
    });
  }

  const roles: LocalService = {
    name: 'Roles',
    start: () => ({
      authorizer: {
        authorize: (_who, action) => {
          if (denied.has(action)) throw Object.assign(new Error(action), { name: 'AccessDenied' });
        },
        mayAssume: () => true,
        useRole: () => undefined,
        unusedActions: () => [],
      },
    }),
  };

  beforeEach(async () => {
    workDir = mkdtempSync(join(tmpdir(), 'host-test-'));
    calls.splice(0);
    denied.clear();
    host = hostOf([roles, things()]);
    await host.start();
  });

  afterEach(async () => {
    await host.close();
    rmSync(workDir, { recursive: true });
  });

  const ask = async (path: string, init?: RequestInit): Promise<unknown[]> => {
    const response = await fetch(`${host.endpoint}${path}`, init);
    return [response.status, response.headers.get('x-error') ?? (await response.text())];
  };

  it('answers calls in whatever protocol a service speaks, by its own rights and errors', async () => {
    expect(await ask('/things/a', { headers: SIGNED })).toEqual([200, 'GetThing a caller']);
    expect(await ask('/things/none', { headers: SIGNED })).toEqual([404, 'NoSuchThing']);
    denied.add('things:GetThing');
    expect(await ask('/things/a', { headers: SIGNED })).toEqual([400, 'AccessDeniedException']);
    expect(calls.map(({ service, operation, status }) => [service, operation, status])).toEqual([
      ['things', 'GetThing', 200],
      ['things', 'GetThing', 404],
      ['things', 'GetThing', 400],
    ]);
  });

  it('takes calls without a signature only where the API says so', async () => {
    expect(await ask('/sign-in', { method: 'POST', body: 'jane' })).toEqual([200, 'SignIn jane anonymous']);
    expect(await ask('/things/a')).toEqual([400, 'MissingAuthenticationTokenException']);
  });

  it('refuses a lag that no service obeys', () => {
    expect(() => hostOf([things()], { lag: { search: 5 } })).toThrow('lag knows things, got search');
  });

  it('stops all services before it closes the first, and closes what had started when one fails', async () => {
    const log: string[] = [];
    const failing: LocalService = {
      name: 'Failing',
      start: () => {
        throw new Error('no engine');
      },
    };
    const other = hostOf([things(log), things(log), failing]);
    await expect(other.start()).rejects.toThrow('no engine');
    await other.close();
    expect(log).toEqual(['stop', 'stop', 'close', 'close']);
  });
});

test('a service that is added to the list takes part in a run, and nothing else has to know it', async () => {
  const assembly = synthesize((app, code) => {
    const stack = new Stack(app, 'App');
    new CfnResource(stack, 'Topic', { type: 'AWS::SNS::Topic' });
    const handler = new LambdaFunction(stack, 'Function', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code({ 'index.js': 'exports.handler = async () => process.env.THINGS_LAG;' })),
    });
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['things:GetThing'],
        resources: ['*'],
        conditions: { StringEquals: { 'things:Colour': 'red' } },
      }),
    );
  });
  const log: string[] = [];
  const options = { assembly: assembly.directory, port: 0, lag: { things: 70 } };
  const app = await startApp({ ...options, services: servicesWith(things(log)) });
  try {
    expect(app.physicalId('Topic')).toBe('thing-Topic');
    expect((await app.invoke('Function', {})).payload).toBe('70');
    expect(app.unusedActions()).toMatchObject([{ action: 'things:GetThing' }]);
    expect(app.urls).toContainEqual({ name: 'things', url: 'http://localhost:1/things' });
    const page = app.urls.find(({ name }) => name === 'inspector')?.url ?? '';
    const shown = (await (await fetch(`${page}/api`)).json()) as { things: unknown; sections: { key: string }[] };
    expect(shown.things).toEqual([{ name: 'all', items: ['one'] }]);
    expect(shown.sections.map(({ key }) => key)).toContain('things');
    expect(log).toEqual(['deployed']);
  } finally {
    await app.close();
    assembly.remove();
  }
  expect(log).toEqual(['deployed', 'stop', 'close']);
}, 40_000);
