import { Executor, ExecutorOptions, GraphqlAnswer } from './executor';
import { FieldResolver } from './resolver';
import { ApiCaller } from '../caller';
import { DataSource, DataSourceAnswer } from '../data-sources/data-source';
import { readSchema } from '../schema/schema';
import { parseTemplate } from '../vtl';

const SCHEMA = `
type Query { one: Item, many: [Item], slow: String }
type Item { id: ID!, next: Item }
type Mutation { set(id: ID!): Item, fail: Item }
`;

const USER: ApiCaller = {
  mode: 'AMAZON_COGNITO_USER_POOLS',
  identity: {},
  groups: [],
  mayCall: () => true,
};

const lines: string[] = [];
const mutated: unknown[] = [];

const source = (call: () => Promise<DataSourceAnswer>): DataSource => ({ name: 'source', type: 'NONE', call });

function unit(
  dataSource: DataSource,
  request = '{"version": "2018-05-29"}',
  response = '$util.toJson($ctx.result)',
): FieldResolver {
  const step = { name: 'resolver', dataSource, request: parseTemplate(request), response: parseTemplate(response) };
  return { kind: 'unit', step };
}

const answering = (result: unknown): DataSource => source(async () => ({ result }));

function executor(resolvers: Readonly<Record<string, FieldResolver>>, more: Partial<ExecutorOptions> = {}): Executor {
  return new Executor({
    api: readSchema(SCHEMA, { main: 'AMAZON_COGNITO_USER_POOLS', additional: [] }),
    resolvers: new Map(Object.entries(resolvers)),
    limits: { introspection: true, resolvers: 10_000 },
    mutated: (fieldName, value) => mutated.push([fieldName, value]),
    now: Date.now,
    log: (line) => lines.push(line),
    ...more,
  });
}

async function ask(on: Executor, query: string): Promise<GraphqlAnswer> {
  const prepared = on.prepare({ query });
  if ('errors' in prepared) return { data: null, errors: prepared.errors };
  return on.run(prepared, { id: 'request', caller: USER, headers: {} });
}

beforeEach(() => {
  lines.length = 0;
  mutated.length = 0;
});

test('a request that takes too long is given up, and goes on to no further resolver', async () => {
  let release = (_answer: DataSourceAnswer): void => undefined;
  const waiting = new Promise<DataSourceAnswer>((resolve) => (release = resolve));
  let asked = 0;
  const counting = source(async () => {
    asked += 1;
    return { result: null };
  });
  const on = executor(
    { 'Query.one': unit(source(async () => waiting)), 'Item.next': unit(counting) },
    { longestMs: 5 },
  );
  expect(await ask(on, '{ one { id next { id } } }')).toEqual({
    data: null,
    errors: [
      {
        path: null,
        data: null,
        errorType: 'ExecutionTimeout',
        errorInfo: null,
        locations: null,
        message: 'Execution timed out.',
      },
    ],
  });
  release({ result: { id: '1' } });
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toBe(0);
});

test('a request runs as many resolvers as the API allows', async () => {
  const resolvers = {
    'Query.many': unit(answering([{ id: '1' }, { id: '2' }])),
    'Item.next': unit(answering({ id: 'n' })),
  };
  const on = executor(resolvers, { limits: { introspection: true, resolvers: 2 } });
  const { data, errors } = await ask(on, '{ many { next { id } } }');
  expect(data).toEqual({ many: [{ next: { id: 'n' } }, { next: null }] });
  expect(errors).toMatchObject([{ path: ['many', 1, 'next'], errorType: 'ResolverCountLimitExceeded' }]);
});

test('introspection is there unless the API has none', async () => {
  const query = '{ __schema { queryType { name } } }';
  expect((await ask(executor({}), query)).data).toEqual({ __schema: { queryType: { name: 'Query' } } });
  const closed = executor({}, { limits: { introspection: false, resolvers: 1 } });
  expect(await ask(closed, query)).toMatchObject({
    data: null,
    errors: [{ message: expect.stringContaining('introspection has been disabled') as string }, { path: null }],
  });
  expect((await ask(closed, '{ __typename }')).data).toEqual({ __typename: 'Query' });
});

test('a value of the wrong form is an error of its field', async () => {
  const { data, errors } = await ask(executor({ 'Query.one': unit(answering({ id: null })) }), '{ one { id } }');
  expect(data).toEqual({ one: null });
  expect(errors).toEqual([
    {
      path: ['one', 'id'],
      locations: [{ line: 1, column: 9, sourceName: null }],
      message: "Cannot return null for non-nullable type: 'id' within parent 'Item' (/one/id)",
    },
  ]);
  const list = await ask(executor({ 'Query.many': unit(answering({ id: '1' })) }), '{ many { id } }');
  expect(list.errors).toMatchObject([
    { path: ['many'], message: expect.stringContaining("Can't resolve value (/many)") as string },
  ]);
});

test.each([
  ['$util.toJson($ctx.args)', 'version undefined is not supported here, only 2018-05-29'],
  ['{"version": "2017-02-28"}', 'version 2017-02-28 is not supported here'],
  ['[]', 'resolver: request template has to give an object'],
  ['', 'resolver: request template has to give an object'],
  ['{', 'Unable to parse the JSON document'],
  ['$ctx.args.none', '$ctx.args.none has no value'],
])('a request template that gives %j is told who wrote it', async (template, message) => {
  const { data, errors } = await ask(executor({ 'Query.one': unit(answering(null), template) }), '{ one { id } }');
  expect(data).toEqual({ one: null });
  expect(errors).toMatchObject([{ errorType: 'MappingTemplate', message: expect.stringContaining(message) as string }]);
  expect(lines).toEqual([expect.stringContaining(message)]);
});

test('what a data source failed with is in $ctx.error, and no error unless the template raises it', async () => {
  const failing = source(async () => ({ result: { id: 'kept' }, error: { type: 'Kind', message: 'why' } }));
  const response = '{"id": "$ctx.error.type $ctx.error.message $ctx.result.id"}';
  const answer = await ask(
    executor({ 'Query.one': unit(failing, '{"version": "2018-05-29"}', response) }),
    '{ one { id } }',
  );
  expect(answer).toEqual({ data: { one: { id: 'Kind why kept' } } });
});

test('of mutations it is told what they answered, unless that is nothing', async () => {
  const failing = unit(answering(null), '$util.error("no")');
  const on = executor({ 'Mutation.set': unit(answering({ id: '1', next: { id: '2' } })), 'Mutation.fail': failing });
  await ask(on, 'mutation { a: set(id: "1") { number: id } fail { id } set(id: "2") { id next { id } } }');
  expect(mutated).toEqual([
    ['set', { number: '1' }],
    ['set', { id: '1', next: { id: '2' } }],
  ]);
});

describe('a pipeline', () => {
  const step = (
    request: string,
    response = '$util.toJson($ctx.result)',
  ): Extract<FieldResolver, { kind: 'unit' }>['step'] => ({
    ...{ name: 'function', request: parseTemplate(request), response: parseTemplate(response) },
    dataSource: answering({ id: 'answer' }),
  });
  const pipeline = (before: string, steps: readonly ReturnType<typeof step>[], after: string): Executor =>
    executor({
      'Query.one': {
        kind: 'pipeline',
        name: 'resolver',
        before: parseTemplate(before),
        steps,
        after: parseTemplate(after),
      },
    });
  const CALL = '{"version": "2018-05-29"}';
  const AFTER = '{"id": "after $ctx.prev.result.id"}';

  test.each([
    ['runs in order', '{}', [step(CALL)], AFTER, 'after answer'],
    ['goes on after #return of a function', '{}', [step('#return({"id": "early"})')], AFTER, 'after early'],
    ['goes on after #return of a response', '{}', [step(CALL, '#return({"id": "late"})')], AFTER, 'after late'],
    ['ends by #return before its functions', '#return({"id": "first"})', [step('$util.error("no")')], AFTER, 'first'],
    ['ends by #return after its functions', '{}', [step(CALL)], '#return({"id": "last"})', 'last'],
  ])('%s', async (_what, before, steps, after, id) => {
    expect(await ask(pipeline(before, steps, after), '{ one { id } }')).toEqual({ data: { one: { id } } });
  });

  test('ends with an error, and sees those that were added before', async () => {
    const stopped = pipeline('{}', [step('$util.error("stop", "Kind")'), step(CALL)], AFTER);
    expect(await ask(stopped, '{ one { id } }')).toMatchObject({
      data: { one: null },
      errors: [{ message: 'stop', errorType: 'Kind' }],
    });
    const added = pipeline('{}', [step(`$util.appendError("added")${CALL}`)], '{"id": "$ctx.outErrors.size()"}');
    expect(await ask(added, '{ one { id } }')).toMatchObject({
      data: { one: { id: '1' } },
      errors: [{ message: 'added' }],
    });
  });
});
