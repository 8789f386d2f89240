import { startTestApi, TestApi } from './test-app';
import { GraphqlClient, graphqlClient, TestAnswer } from './testing';

let api: TestApi;
let ann: GraphqlClient;
let sub: string;
let idToken: string;
let robot: GraphqlClient;

beforeAll(async () => {
  api = await startTestApi();
  const user = await api.signIn('ann');
  ({ sub, idToken } = user);
  ann = graphqlClient(api.url, user);
  robot = graphqlClient(api.url, { region: api.app.aws.region, credentials: api.app.credentialsOf('Robot') });
}, 60_000);

afterAll(async () => api?.close());

const NOTE = 'mutation ($id: ID!, $text: String!) { addNote(id: $id, text: $text) { id text } }';

test('the address is told', () => {
  expect(api.url).toMatch(/^http:\/\/localhost:\d+\/graphql$/);
  expect(api.lines).toContain(`GraphQL notes listens on ${api.url}`);
});

describe('who calls', () => {
  const status = async (authorization: Parameters<typeof graphqlClient>[1]): Promise<unknown> => {
    const { status: got, errors } = await graphqlClient(api.url, authorization)('{ identity }');
    return [got, errors[0]?.errorType, errors[0]?.message];
  };

  test('nobody is 401', async () => {
    expect(await status(undefined)).toEqual([401, 'UnauthorizedException', 'Valid authorization header not provided.']);
  });

  test('what is no token is 401', async () => {
    expect(await status({ token: 'abc' })).toEqual([401, 'UnauthorizedException', 'Unable to parse JWT token.']);
  });

  test('a token with another signature is 401', async () => {
    expect(await status({ token: `${idToken.slice(0, -8)}AAAAAAAA` })).toEqual([
      401,
      'UnauthorizedException',
      'You are not authorized to make this call.',
    ]);
  });

  test('credentials of nobody are 403', async () => {
    const credentials = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
    expect(await status({ region: api.app.aws.region, credentials })).toEqual([
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ]);
  });

  test('a signature with another secret is 403', async () => {
    const credentials = { ...api.app.credentialsOf('Robot'), secretAccessKey: 'x' };
    expect(await status({ region: api.app.aws.region, credentials })).toEqual([
      403,
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    ]);
  });

  test.each(['access', 'id'])('a user by the %s token is in $ctx.identity', async (kind) => {
    const { data } = await (kind === 'id' ? graphqlClient(api.url, { token: idToken }) : ann)('{ identity }');
    expect(JSON.parse(String(data?.identity))).toMatchObject({
      sub,
      username: 'ann',
      issuer: expect.stringContaining('cognito-idp') as string,
      claims: { sub, token_use: kind },
      sourceIp: [expect.stringContaining('127.0.0.1')],
      defaultAuthStrategy: 'ALLOW',
      groups: null,
    });
  });

  test('a role is in $ctx.identity', async () => {
    const { data } = await robot('{ identity }');
    expect(JSON.parse(String(data?.identity))).toMatchObject({
      accountId: '000000000000',
      userArn: expect.stringMatching(/assumed-role\/App-Robot.*\/session$/) as string,
      cognitoIdentityId: null,
    });
  });
});

describe('who may see a field', () => {
  const refused = (field: string, type = 'Query'): unknown => ({
    data: { [field]: null },
    errors: [
      {
        path: [field],
        errorType: 'Unauthorized',
        data: null,
        errorInfo: null,
        locations: [{ line: 1, column: 3, sourceName: null }],
        message: `Not Authorized to access ${field} on type ${type}`,
      },
    ],
  });

  test('a field with groups is for their members', async () => {
    expect(await ann('{ admin }')).toMatchObject(refused('admin') as object);
    const boss = graphqlClient(api.url, await api.signIn('boss', 'admins'));
    expect((await boss('{ admin }')).data).toEqual({ admin: 'admin' });
  });

  test('a field for roles is for no user, a field without directives for no role', async () => {
    expect(await ann('{ robot }')).toMatchObject(refused('robot') as object);
    expect((await robot('{ robot }')).data).toEqual({ robot: 'robot' });
    expect(await robot('{ context }')).toMatchObject(refused('context') as object);
  });

  test('a role needs appsync:GraphQL on the field', async () => {
    const credentials = api.app.credentialsOf('Stranger');
    const stranger = graphqlClient(api.url, { region: api.app.aws.region, credentials });
    expect(await stranger('{ robot }')).toMatchObject(refused('robot') as object);
  });

  test('a field of a type is judged by itself', async () => {
    await ann(NOTE, { id: 'secret', text: 't' });
    const { data, errors } = await ann('{ note(id: "secret") { id secret } }');
    expect(data).toEqual({ note: { id: 'secret', secret: null } });
    expect(errors).toMatchObject([
      { path: ['note', 'secret'], message: 'Not Authorized to access secret on type Note' },
    ]);
  });

  test('a subscription is not made by POST', async () => {
    expect(await ann('subscription { onChange { id } }')).toMatchObject({
      status: 400,
      errors: [{ errorType: 'BadRequestException' }],
    });
  });
});

describe('DynamoDB', () => {
  test('what is put is got, with lists, numbers and scalars', async () => {
    const query =
      'mutation { addNote(id: "a", text: "é \\"x\\"", tags: ["x", "y"], at: "2025-01-02T03:04:05.678Z") { id } }';
    expect(await ann(query)).toMatchObject({ status: 200, data: { addNote: { id: 'a' } }, errors: [] });
    const { data } = await ann('{ note(id: "a") { id text tags at } }');
    expect(data).toEqual({ note: { id: 'a', text: 'é "x"', tags: ['x', 'y'], at: '2025-01-02T03:04:05.678Z' } });
    expect((await ann('{ note(id: "none") { id } }')).data).toEqual({ note: null });
  });

  test('a condition that fails is an error with the item, unless the item is the same', async () => {
    await ann(NOTE, { id: 'once', text: 'first' });
    expect(await ann(NOTE, { id: 'once', text: 'first' })).toMatchObject({
      data: { addNote: { text: 'first' } },
      errors: [],
    });
    const { data, errors } = await ann(NOTE, { id: 'once', text: 'second' });
    expect(data).toEqual({ addNote: null });
    expect(errors).toMatchObject([
      {
        path: ['addNote'],
        data: { id: 'once', text: 'first' },
        errorType: 'DynamoDB:ConditionalCheckFailedException',
        message: expect.stringContaining(
          'The conditional request failed (Service: DynamoDb, Status Code: 400',
        ) as string,
      },
    ]);
  });

  test('a query goes on where it ended, and takes no token of another hand', async () => {
    const owner = (await api.signIn('pager')).sub;
    const pager = graphqlClient(api.url, await api.signIn('other-pager'));
    const forged = Buffer.from(`${'x'.repeat(32)}{"PK":{"S":"a"}}`).toString('base64');
    expect((await pager(`{ notes(owner: "x", nextToken: "${forged}") { nextToken } }`)).errors).toMatchObject([
      { errorType: 'DynamoDB:UserIllegalArgumentException' },
    ]);
    expect(owner).not.toBe('');
    for (const id of ['p1', 'p2', 'p3']) await ann(NOTE, { id, text: id });
    const seen: unknown[] = [];
    for (let token: unknown = null, more = true; more;) {
      const { data, errors } = await ann(
        'query ($owner: ID!, $token: String) { notes(owner: $owner, limit: 2, nextToken: $token) { items { id } nextToken } }',
        { owner: sub, token },
      );
      expect(errors).toEqual([]);
      const page = data?.notes as { items: { id: string }[]; nextToken: string | null };
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      token = page.nextToken;
      more = token !== null;
      if (more) {
        const other = 'query ($token: String) { notes(owner: "x", nextToken: $token) { nextToken } }';
        expect((await ann(other, { token })).errors).toMatchObject([
          { message: expect.stringContaining('outside query boundaries') as string },
        ]);
        expect((await ann(other, { token: `${String(token)}!` })).errors).toMatchObject([
          { errorType: 'DynamoDB:UserIllegalArgumentException' },
        ]);
      }
    }
    expect(seen).toEqual(expect.arrayContaining(['p1', 'p2', 'p3']));
    expect(seen).toEqual([...new Set(seen)]);
  });

  test('a transaction writes all or says for each item why not', async () => {
    const add = async (...ids: string[]): Promise<TestAnswer> =>
      ann('mutation ($ids: [ID!]!) { addNotes(ids: $ids) }', { ids });
    expect((await add('t1', 't2')).data).toEqual({ addNotes: ['t1', 't2'] });
    const { data, errors } = await add('t3', 't2');
    expect(data).toEqual({ addNotes: null });
    expect(errors).toMatchObject([
      {
        message: 'not written',
        errorType: 'Refused',
        errorInfo: {
          type: 'DynamoDB:TransactionCanceledException',
          reasons: [
            { type: 'None', item: null },
            {
              type: 'ConditionalCheckFailed',
              item: { id: 't2', text: 'one of 2', n: 2 },
              message: 'The conditional request failed',
            },
          ],
        },
      },
    ]);
    expect((await ann('{ note(id: "t3") { id } }')).data).toEqual({ note: null });
  });

  test('calls are made with the role of the data source, and are found with the request', async () => {
    await ann('{ note(id: "a") { id } }');
    const request = api.app.requests().at(-1);
    expect(request).toMatchObject({
      api: 'notes',
      method: 'POST',
      path: '/graphql',
      status: 200,
      routeKey: 'Query.note',
    });
    expect(request?.calls).toMatchObject([
      { principal: 'notes/Notes', service: 'dynamodb', operation: 'GetItem', status: 200 },
    ]);
  });
});

describe('Lambda', () => {
  test('a function gets the payload, and its answer is the result', async () => {
    const { data } = await ann('{ ask(mode: "x") }');
    expect(JSON.parse(String(data?.ask))).toEqual({ got: { mode: 'x' } });
  });

  test.each([
    ['throw', 'Lambda:Unhandled', 'boom'],
    ['slow', 'Lambda:ExecutionTimeoutException', 'Task timed out after 3.00 seconds'],
    ['large', 'Lambda:IllegalArgument', 'larger than 5242880 bytes'],
  ])('a function that does %s is %s', async (mode, errorType, message) => {
    const { data, errors } = await ann('query ($mode: String) { ask(mode: $mode) }', { mode });
    expect(data).toEqual({ ask: null });
    expect(errors).toMatchObject([{ path: ['ask'], errorType, message: expect.stringContaining(message) as string }]);
  });
});

describe('templates', () => {
  test('see arguments, information and headers', async () => {
    const { data } = await ann('query ($a: String) { context(a: $a, b: "{\\"x\\": [1]}") }', { a: 'A' });
    expect(JSON.parse(String(data?.context))).toEqual({
      args: { a: 'A', b: { x: [1] } },
      info: {
        fieldName: 'context',
        parentTypeName: 'Query',
        variables: { a: 'A' },
        selectionSetList: [],
        selectionSetGraphQL: '',
      },
      agent: null,
    });
  });

  test.each<[string, object | null, object[]]>([
    ['error', null, [{ message: 'no', errorType: 'Kind', data: { id: '1', text: 't' }, errorInfo: { why: 'x' } }]],
    ['append', { id: 'late' }, [{ message: 'added', errorType: 'Kind', path: ['raise'] }]],
    ['unauthorized', null, [{ message: 'Not Authorized to access raise on type Query', errorType: 'Unauthorized' }]],
    ['validate', null, [{ message: 'wrong', errorType: 'Validation' }]],
    [
      'unknown',
      null,
      [{ message: expect.stringContaining('$util.nothing is not known here'), errorType: 'MappingTemplate' }],
    ],
    [
      'json',
      null,
      [{ message: expect.stringContaining('Unable to parse the JSON document'), errorType: 'MappingTemplate' }],
    ],
    ['return', { id: 'early' }, []],
    ['other', { id: 'late' }, []],
  ])('that raise %s give %j and %j', async (kind, value, errors) => {
    const answer = await ann('query ($kind: String!) { raise(kind: $kind) { id text } }', { kind });
    expect(answer.data).toEqual({ raise: value === null ? null : { text: null, ...value } });
    expect(answer.errors).toMatchObject(errors);
    if (kind === 'error') expect(answer.errors[0]?.data).toEqual({ id: '1', text: 't' });
    expect(answer.errors).toHaveLength(errors.length);
  });

  test('of a pipeline hand on what they gave, and share the stash', async () => {
    const { data, errors } = await ann('mutation { sequence(start: 7) }');
    expect(errors).toEqual([]);
    expect(data).toEqual({ sequence: ['1 after 7', '2 after 1 after 7', '2 after 1 after 7'] });
  });
});

describe('a request', () => {
  const post = async (body: string): Promise<[number, unknown]> => {
    const headers = { authorization: idToken, 'content-type': 'application/json' };
    const response = await fetch(api.url, { method: 'POST', headers, body });
    return [response.status, await response.json()];
  };

  test.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no query', '{}'],
    ['no GraphQL', '{"query": "{"}'],
    ['variables that are no object', '{"query": "{ admin }", "variables": []}'],
  ])('with %s is malformed', async (_what, body) => {
    expect(await post(body)).toMatchObject([400, { errors: [{ errorType: 'MalformedHttpRequestException' }] }]);
  });

  test.each([
    ['{ nothing }', 'Validation error of type FieldUndefined'],
    ['{ note { id } }', 'Validation error of type MissingFieldArgument'],
    ['{ note(id: "a") }', 'Validation error of type SubSelectionRequired'],
    ['{ context(b: "{") }', 'Validation error of type WrongType'],
    ['{ note(id: "a") { ...A } } fragment A on Note { ...A }', 'Validation error of type'],
  ])('%s is answered with %s', async (query, message) => {
    const { status, data, errors } = await ann(query);
    expect([status, data]).toEqual([200, null]);
    expect(errors[0]).toMatchObject({ path: null, message: expect.stringContaining(message) as string });
  });

  test('is as deep as the API allows', async () => {
    expect((await ann('{ notes(owner: "x") { items { id } } }')).errors).toEqual([]);
    const publish = 'mutation { publish(id: "a") { more { self { deep } } } }';
    expect((await ann(publish)).errors).toMatchObject([{ message: 'Query depth 4 exceeds the limit of 3' }]);
    // What is asked of the schema is counted too.
    expect((await ann('{ __schema { types { name } } }')).errors).toEqual([]);
    const deep = '{ __schema { types { fields { name } } } }';
    expect((await ann(deep)).errors).toMatchObject([{ message: 'Query depth 4 exceeds the limit of 3' }]);
  });

  test('has the variables that its fields need', async () => {
    expect((await ann('query ($id: ID!) { note(id: $id) { id } }')).errors).toMatchObject([
      { path: null, message: "Variable 'id' has coerced Null value for NonNull type 'ID!'" },
    ]);
    expect((await ann(NOTE, { id: ['a'], text: 't' })).errors).toMatchObject([
      { path: null, message: "Variable 'id' has an invalid value." },
    ]);
  });

  test('of more than 1 MB is refused', async () => {
    expect(await post(JSON.stringify({ query: `{ admin } # ${'x'.repeat(1024 * 1024)}` }))).toMatchObject([413, {}]);
  });

  test('of another path or method is none of the API', async () => {
    const { origin } = new URL(api.url);
    expect((await fetch(`${origin}/nothing`)).status).toBe(404);
    expect((await fetch(api.url)).status).toBe(405);
    const preflight = await fetch(api.url, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });
});
