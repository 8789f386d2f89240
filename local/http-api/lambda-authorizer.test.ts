import { parseIdentitySource } from './authorizer';
import { Event, Setup, StartedApi, startApi } from './testing';

let server: StartedApi | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

const BY_TOKEN = [parseIdentitySource('$request.header.Authorization', 'test')];

interface ApiUnderTest {
  readonly url: string;
  /** What the authorizer was called with. */
  readonly events: Event[];
  readonly logged: readonly string[];
}

/** An API whose function gives its event back, behind an authorizer that answers as told. */
async function start(answer: unknown, setup: Setup = {}): Promise<ApiUnderTest> {
  const events: Event[] = [];
  const handler = async (got: Event, name: string): Promise<unknown> => {
    if (name !== 'authorizer') return got;
    events.push(got);
    return answer;
  };
  server = await startApi({
    routes: ['GET /pets/{id}', 'GET /dogs'],
    authorizer: { identitySources: BY_TOKEN, ttlSeconds: 60 },
    handler,
    ...setup,
  });
  return { url: server.url, events, logged: server.logged };
}

async function get(url: string, token?: string): Promise<[number, unknown]> {
  const headers = token === undefined ? undefined : { authorization: token };
  const response = await fetch(url, { headers });
  return [response.status, await response.json()];
}

test('the authorizer gets the request and who asks, and the function what the authorizer says', async () => {
  const { url, events } = await start({ isAuthorized: true, context: { user: 'u1', roles: ['a'] } });
  const [status, event] = await get(`${url}/pets/a%20b?x=1`, 't');
  expect(status).toBe(200);
  expect(event).toMatchObject({
    pathParameters: { id: 'a b' },
    requestContext: { authorizer: { lambda: { user: 'u1', roles: ['a'] } } },
  });
  expect(events).toMatchObject([
    {
      version: '2.0',
      type: 'REQUEST',
      routeArn: 'arn:aws:execute-api:us-east-1:000000000000:abcdefghij/$default/GET/pets/a b',
      identitySource: ['t'],
      routeKey: 'GET /pets/{id}',
      rawPath: '/pets/a b',
      queryStringParameters: { x: '1' },
      headers: { authorization: 't' },
      pathParameters: { id: 'a b' },
    },
  ]);
  expect(events[0]).not.toHaveProperty('body');
});

test('who brings no identity is 401, and the authorizer is not asked', async () => {
  const { url, events } = await start({ isAuthorized: true });
  expect(await get(`${url}/pets/1`)).toEqual([401, { message: 'Unauthorized' }]);
  expect(await get(`${url}/pets/1`, '')).toEqual([401, { message: 'Unauthorized' }]);
  expect(events).toEqual([]);
});

test('who is not authorized is 403', async () => {
  const { url } = await start({ isAuthorized: false, context: { why: 'x' } });
  expect(await get(`${url}/pets/1`, 't')).toEqual([403, { message: 'Forbidden' }]);
});

test.each<[unknown, RegExp]>([
  [{ isAuthorized: 'yes' }, /isAuthorized must be true or false, got/],
  [{ statusCode: 200 }, /isAuthorized must be true or false, got/],
  [null, /isAuthorized must be true or false, got/],
  [new Error('Unauthorized'), /function error .*Unauthorized/],
])('an authorizer that answers %j is 500, and it is said why', async (answer, reason) => {
  const { url, logged, events } = await start(answer);
  expect(await get(`${url}/pets/1`, 't')).toEqual([500, { message: 'Internal Server Error' }]);
  expect(logged).toEqual([expect.stringMatching(reason)]);
  // A failure is not remembered.
  await get(`${url}/pets/1`, 't');
  expect(events).toHaveLength(2);
});

test('an authorizer that the gateway may not invoke is 500', async () => {
  const permission = {
    functionName: 'authorizer',
    action: 'lambda:InvokeFunction',
    principal: 'apigateway.amazonaws.com',
  };
  const arn = 'arn:aws:execute-api:us-east-1:000000000000:abcdefghij';
  const { url, logged } = await start(
    { isAuthorized: true },
    { permissions: [{ ...permission, sourceArn: `${arn}/authorizers/other` }] },
  );
  expect((await get(`${url}/pets/1`, 't'))[0]).toBe(500);
  expect(logged[0]).toMatch(/no AWS::Lambda::Permission lets .*\/authorizers\/auth01 invoke authorizer$/);
});

test.each([true, false])(
  'an answer (%s) is remembered for its time, for all routes and by identity',
  async (isAuthorized) => {
    let now = 0;
    const { url, events } = await start({ isAuthorized }, { now: () => now });
    const status = isAuthorized ? 200 : 403;
    for (const path of ['/pets/1', '/pets/2', '/dogs']) expect((await get(url + path, 't'))[0]).toBe(status);
    expect(events).toHaveLength(1);
    await get(`${url}/dogs`, 'other');
    expect(events).toHaveLength(2);
    now = 60_000;
    await get(`${url}/dogs`, 't');
    expect(events).toHaveLength(3);
  },
);

test('with the route among the identity sources every route is asked for', async () => {
  const identitySources = [...BY_TOKEN, parseIdentitySource('$context.routeKey', 'test')];
  const { url, events } = await start({ isAuthorized: true }, { authorizer: { identitySources, ttlSeconds: 60 } });
  for (const path of ['/pets/1', '/dogs', '/pets/2']) await get(url + path, 't');
  expect(events.map(({ identitySource }) => identitySource)).toEqual([
    ['t', 'GET /pets/{id}'],
    ['t', 'GET /dogs'],
  ]);
});

test('without identity sources every request is asked for', async () => {
  const { url, events } = await start({ isAuthorized: true }, { authorizer: {} });
  await get(`${url}/dogs`);
  await get(`${url}/dogs`);
  expect(events.map(({ identitySource }) => identitySource)).toEqual([null, null]);
});

test('query strings and stage variables tell callers apart', async () => {
  const identitySources = ['$request.querystring.key', '$stageVariables.mode'].map((text) =>
    parseIdentitySource(text, 'test'),
  );
  const stages = [{ variables: { mode: 'm' } }];
  const { url, events } = await start({ isAuthorized: true }, { stages, authorizer: { identitySources } });
  expect((await get(`${url}/dogs`))[0]).toBe(401);
  expect((await get(`${url}/dogs?key=a%20b`))[0]).toBe(200);
  expect(events[0]?.identitySource).toEqual(['a b', 'm']);
});

test.each(['$request.body.x', '$context.unknown', 'method.request.header.A'])(
  'the identity source %s is refused by name',
  (source) => {
    expect(() => parseIdentitySource(source, 'A')).toThrow(`A: identity source ${source} is not supported here`);
  },
);

describe('an authorizer that answers by a policy', () => {
  const ARN = 'arn:aws:execute-api:us-east-1:000000000000:abcdefghij/$default';
  const policy = (effect: string, ...resources: readonly string[]): unknown => ({
    principalId: 'p',
    policyDocument: { Statement: [{ Effect: effect, Action: 'execute-api:Invoke', Resource: resources }] },
    context: { user: 'u1' },
  });
  const byPolicy = { identitySources: BY_TOKEN, ttlSeconds: 60, simpleResponses: false };

  test('is asked once, and its policy judged for each path', async () => {
    const answer = policy('Allow', `${ARN}/GET/pets/1`);
    const { url, events } = await start(answer, { authorizer: byPolicy });
    const [status, event] = await get(`${url}/pets/1`, 't');
    expect(status).toBe(200);
    expect(event).toMatchObject({ requestContext: { authorizer: { lambda: { user: 'u1' } } } });
    expect(await get(`${url}/pets/2`, 't')).toEqual([403, { message: 'Forbidden' }]);
    expect((await get(`${url}/dogs`, 't'))[0]).toBe(403);
    expect(events).toHaveLength(1);
  });

  test.each<[unknown, number]>([
    [policy('Deny', '*'), 403],
    [policy('Allow', `${ARN}/*`), 200],
    [policy('Allow', `${ARN}/POST/*`), 403],
    [{ ...(policy('Allow', '*') as object), context: 'text' }, 500],
    [{ ...(policy('Allow', '*') as object), principalId: undefined }, 500],
    [{ principalId: 'p' }, 500],
    [{ principalId: 'p', policyDocument: { Statement: [{ Effect: 'Maybe' }] } }, 500],
    [{ isAuthorized: true }, 500],
  ])('%j: %d', async (answer, status) => {
    const { url } = await start(answer, { authorizer: byPolicy });
    expect((await get(`${url}/pets/1`, 't'))[0]).toBe(status);
  });

  test('gets an event of format 1.0 where it asks for it', async () => {
    const identitySources = [...BY_TOKEN, parseIdentitySource('$request.querystring.x', 'test')];
    const { url, events } = await start(policy('Allow', '*'), {
      authorizer: { ...byPolicy, identitySources, payloadFormat: '1.0' },
    });
    expect((await get(`${url}/pets/a%20b?x=1`, 't'))[0]).toBe(200);
    expect(events).toMatchObject([
      {
        version: '1.0',
        type: 'REQUEST',
        methodArn: `${ARN}/GET/pets/a b`,
        identitySource: 't,1',
        authorizationToken: 't,1',
        resource: '/pets/{id}',
        path: '/pets/a b',
        httpMethod: 'GET',
        queryStringParameters: { x: '1' },
        pathParameters: { id: 'a b' },
        requestContext: { resourcePath: '/pets/{id}', httpMethod: 'GET', stage: '$default', apiId: 'abcdefghij' },
      },
    ]);
    expect(events[0]).not.toHaveProperty('routeArn');
  });
});
