import { WebSocket } from 'ws';
import { startTestApi, TestApi } from '../test-app';
import { connectRealtime, GraphqlClient, graphqlClient, RealtimeClient, TestAuthorization } from '../testing';

let api: TestApi;
let ann: TestAuthorization & { readonly sub: string };
let boss: TestAuthorization;
let robot: TestAuthorization;
let stranger: TestAuthorization;
let publish: (fields: string, variables: Readonly<Record<string, unknown>>) => Promise<void>;
const open: RealtimeClient[] = [];

beforeAll(async () => {
  api = await startTestApi();
  const { region } = api.app.aws;
  ann = await api.signIn('ann');
  boss = await api.signIn('boss', 'admins');
  robot = { region, credentials: api.app.credentialsOf('Robot') };
  stranger = { region, credentials: api.app.credentialsOf('Stranger') };
  const client: GraphqlClient = graphqlClient(api.url, robot);
  publish = async (fields, variables) => {
    const { errors } = await client(
      `mutation ($id: ID!, $owner: ID, $text: String, $deep: String) {
        publish(id: $id, owner: $owner, text: $text, deep: $deep) { ${fields} }
      }`,
      variables,
    );
    expect(errors).toEqual([]);
  };
}, 60_000);

afterEach(async () => {
  await Promise.all(open.splice(0).map(async (client) => client.close()));
});

afterAll(async () => api?.close());

async function connect(authorization = ann as TestAuthorization, way?: 'query' | 'protocol'): Promise<RealtimeClient> {
  const client = await connectRealtime(api.url, authorization, way);
  open.push(client);
  return client;
}

const ALL = 'id owner text more { deep count }';

describe('a connection', () => {
  test.each(['query', 'protocol'] as const)(
    'is made by a user and by a role, with the header in the %s',
    async (way) => {
      for (const authorization of [ann, robot]) {
        const client = await connect(authorization, way);
        expect(await client.exchange({ type: 'connection_init' })).toEqual({
          type: 'connection_ack',
          payload: { connectionTimeoutMs: 300_000 },
        });
      }
    },
  );

  test.each<[string, TestAuthorization | undefined, object]>([
    [
      'nobody',
      undefined,
      { errorType: 'UnauthorizedException', errorCode: 401, message: 'Valid authorization header not provided.' },
    ],
    [
      'a token that is none',
      { token: 'x' },
      { errorType: 'UnauthorizedException', errorCode: 401, message: 'Unable to parse JWT token.' },
    ],
    [
      'credentials of nobody',
      { region: 'us-east-1', credentials: { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' } },
      {
        errorType: 'UnrecognizedClientException',
        errorCode: 403,
        message: 'The security token included in the request is invalid.',
      },
    ],
  ])('is refused to %s', async (_who, authorization, error) => {
    await expect(connectRealtime(api.url, authorization)).rejects.toThrow(
      JSON.stringify({ type: 'connection_error', payload: { errors: [error] } }),
    );
  });

  test('is not made without the protocol, or at another path', async () => {
    const messages = await rawConnect(`${api.url.replace('http', 'ws')}/realtime`);
    expect(messages).toMatchObject([
      { type: 'connection_error', payload: { errors: [{ errorType: 'NoProtocolError', errorCode: 400 }] } },
    ]);
    await expect(rawConnect(api.url.replace('http', 'ws'))).rejects.toThrow('404');
  });

  test('tells what it does not take', async () => {
    const client = await connect();
    expect(await client.exchange('no JSON')).toMatchObject({
      type: 'error',
      payload: { errors: [{ errorType: 'BadRequestException' }] },
    });
    expect(await client.exchange({ type: 'publish', id: '1' })).toMatchObject({
      ...{ type: 'error', id: '1' },
      payload: {
        errors: [{ errorType: 'UnsupportedOperation', message: 'publish not supported through the realtime channel' }],
      },
    });
    expect(await client.exchange({ type: 'start', id: '2', payload: {} })).toMatchObject({
      ...{ type: 'error', id: '2' },
      payload: { errors: [{ errorType: 'BadRequestException' }] },
    });
    expect(await client.exchange({ type: 'stop', id: '3' })).toMatchObject({
      ...{ type: 'error', id: '3' },
      payload: { errors: [{ errorType: 'UnknownOperationError' }] },
    });
  });
});

describe('a subscription', () => {
  test('gets what mutations give, as far as both were asked for it', async () => {
    const client = await connect();
    const changes = await client.subscribe(`subscription { onChange { ${ALL} __typename } }`);
    await publish('id text more { deep }', { id: '1', owner: 'me', text: 'hello', deep: 'down' });
    expect(await changes.next()).toEqual({
      data: {
        onChange: { id: '1', owner: null, text: 'hello', more: { deep: 'down', count: null }, __typename: 'Change' },
      },
    });
  });

  test('has aliases and fragments of its own', async () => {
    const client = await connect();
    const changes = await client.subscribe(
      'subscription ($no: Boolean!) { changed: onChange { ...C at: text owner @include(if: $no) more @skip(if: true) { deep } } } fragment C on Change { number: id }',
      { no: false },
    );
    await publish(ALL, { id: '2', text: 't' });
    expect(await changes.next()).toEqual({ data: { changed: { number: '2', at: 't' } } });
  });

  test('without a field that must not be null is told so', async () => {
    const client = await connect();
    const changes = await client.subscribe('subscription { onChange { id text } }');
    await publish('text', { id: '3', text: 't' });
    expect(await changes.next()).toEqual({
      data: { onChange: null },
      errors: [
        {
          path: ['onChange', 'id'],
          locations: null,
          message: "Cannot return null for non-nullable type: 'id' within parent 'Change' (/onChange/id)",
        },
      ],
    });
  });

  test('is told of fields that its caller may not see', async () => {
    const client = await connect();
    const changes = await client.subscribe('subscription { onChange { id hidden } }');
    await publish('id', { id: '4' });
    expect(await changes.next()).toEqual({
      data: { onChange: { id: '4', hidden: null } },
      errors: [
        {
          path: ['onChange', 'hidden'],
          locations: null,
          message: 'Not Authorized to access hidden on type Change',
          errorType: 'Unauthorized',
          data: null,
          errorInfo: null,
        },
      ],
    });
  });

  test('is filtered by the arguments that are given, of which null waits for null', async () => {
    const client = await connect();
    const query = 'subscription ($id: ID, $owner: ID) { onChange(id: $id, owner: $owner) { id } }';
    const all = await client.subscribe(query);
    const one = await client.subscribe(query, { id: 'b' });
    const both = await client.subscribe(query, { id: 'b', owner: 'x' });
    const none = await client.subscribe(query, { owner: null });
    const taken = (): number[] => [all, one, both, none].map(({ waiting }) => waiting.length);
    await publish(ALL, { id: 'a', owner: 'x' });
    await publish(ALL, { id: 'b', owner: 'y' });
    await publish(ALL, { id: 'b', owner: 'x' });
    await publish(ALL, { id: 'c' });
    await publish('id', { id: 'b', owner: 'x' });
    // What is asked now is answered after what came before.
    await client.exchange({ type: 'connection_init' });
    expect(taken()).toEqual([5, 3, 1, 2]);
  });

  test('ends, and then gets nothing', async () => {
    const client = await connect();
    const changes = await client.subscribe('subscription { onChange { id } }');
    await changes.stop();
    await publish(ALL, { id: '1' });
    await client.exchange({ type: 'connection_init' });
    expect(changes.waiting).toEqual([]);
  });

  test('is shown on the page', async () => {
    const client = await connect();
    const changes = await client.subscribe('subscription { onChange { id } }');
    await publish(ALL, { id: '1' });
    await changes.next();
    const page = (await (await fetch(`${new URL(api.url).origin}/_local/api`)).json()) as Record<string, unknown>;
    expect(page.graphqlConnections).toEqual([{ api: 'notes', caller: 'ann', subscriptions: 'onChange', delivered: 1 }]);
    expect(page.graphqlApis).toMatchObject([
      { name: 'notes', url: api.url, modes: 'AMAZON_COGNITO_USER_POOLS, AWS_IAM' },
    ]);
    expect(page.graphqlResolvers).toContainEqual({
      api: 'notes',
      field: 'Query.note',
      kind: 'unit',
      sources: 'Notes (AMAZON_DYNAMODB)',
    });
  });

  test('with an id that is there already is refused', async () => {
    const client = await connect();
    const { id } = await client.subscribe('subscription { onChange { id } }');
    const start = { type: 'start', id, payload: { data: '{}', extensions: { authorization: {} } } };
    expect(await client.exchange(start)).toMatchObject({
      type: 'error',
      payload: { errors: [{ errorType: 'DuplicatedOperationError' }] },
    });
  });

  test('is one of a hundred at most', async () => {
    const client = await connect();
    const subscribe = async (): Promise<unknown> => client.subscribe('subscription { onChange { id } }');
    await Promise.all(Array.from({ length: 100 }, subscribe));
    await expect(subscribe()).rejects.toThrow('Max number of 100 subscriptions reached');
  });

  test('gets no more than 240 kB at once', async () => {
    const client = await connect();
    const changes = await client.subscribe('subscription { onChange { id text } }');
    await publish(ALL, { id: 'large', text: 'x'.repeat(240 * 1024) });
    await publish(ALL, { id: 'small' });
    expect(await changes.next()).toMatchObject({ data: { onChange: { id: 'small' } } });
    expect(api.lines).toContainEqual(expect.stringContaining('are not delivered, at most 245760 are'));
  });
});

describe('who may subscribe', () => {
  test('is judged for each subscription, by its own authorization', async () => {
    const client = await connect(robot);
    await expect(client.subscribe('subscription { onMine(owner: "x") { id } }')).rejects.toThrow(
      'Not Authorized to access onMine on type Subscription',
    );
    await expect(
      client.subscribe(`subscription { onMine(owner: "${ann.sub}") { id } }`, {}, ann),
    ).resolves.toBeDefined();
    await expect(client.subscribe('subscription { onChange { id } }', {}, { token: 'x' })).rejects.toThrow(
      'Unable to parse JWT token.',
    );
  });

  test('the resolver of its field says, at the beginning', async () => {
    const client = await connect();
    const mine = await client.subscribe('subscription ($owner: ID!) { onMine(owner: $owner) { id owner } }', {
      owner: ann.sub,
    });
    await expect(client.subscribe('subscription { onMine(owner: "other") { id } }')).rejects.toThrow(
      'Not Authorized to access onMine on type Subscription',
    );
    await publish(ALL, { id: 'theirs', owner: 'other' });
    await publish(ALL, { id: 'mine', owner: ann.sub });
    expect(await mine.next()).toEqual({ data: { onMine: { id: 'mine', owner: ann.sub } } });
  });

  test('groups say', async () => {
    const client = await connect();
    const query = 'subscription { onSecret { id } }';
    await expect(client.subscribe(query)).rejects.toThrow('Not Authorized to access onSecret on type Subscription');
    await expect(client.subscribe(query, {}, boss)).resolves.toBeDefined();
  });

  test('a role says', async () => {
    const client = await connect(stranger);
    // A field without directives is for users.
    const query = 'subscription { onBoth { id } }';
    await expect(client.subscribe(query)).rejects.toThrow('Not Authorized to access onBoth on type Subscription');
    await expect(client.subscribe(query, {}, robot)).resolves.toBeDefined();
  });

  test.each([
    ['subscription { nothing { id } }', 'FieldUndefined'],
    ['query { admin }', 'query not supported through the realtime channel'],
    ['subscription ($owner: ID!) { onMine(owner: $owner) { id } }', "Variable 'owner' has coerced Null value"],
    ['{', 'Unable to parse GraphQL query'],
  ])('nobody: %s', async (query, message) => {
    await expect((await connect()).subscribe(query)).rejects.toThrow(message);
  });
});

test('a mutation that fails tells nobody', async () => {
  const client = await connect();
  const changes = await client.subscribe('subscription { onChange { id } }');
  const { errors } = await graphqlClient(api.url, stranger)('mutation { publish(id: "1") { id } }');
  expect(errors).toMatchObject([{ errorType: 'Unauthorized' }]);
  await client.exchange({ type: 'connection_init' });
  expect(changes.waiting).toEqual([]);
});

/** Connects without anything that AppSync's clients send; gives what comes until the server ends it. */
async function rawConnect(url: string): Promise<unknown[]> {
  const socket = new WebSocket(url);
  const messages: unknown[] = [];
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString('utf8'))));
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('close', () => resolve(messages));
  });
}
