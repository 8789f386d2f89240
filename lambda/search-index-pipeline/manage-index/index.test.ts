import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context } from 'aws-lambda';
import { useLogLines } from '../../../test/support/log-lines';
import { useStubServer } from '../../../test/support/stub-server';

useLogLines();

/** In the place of OpenSearch and of CloudFormation: what was asked, and what is to be answered. */
const services = useStubServer();
let asked: { call: string; body: unknown }[];
let statuses: Record<string, number>;
let handler: (event: never, context: Context) => Promise<void>;
const context = { getRemainingTimeInMillis: () => 600_000 } as Context;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const call = `${request.method} ${request.url}`;
  asked.push({ call, body: text === '' ? undefined : (JSON.parse(text) as unknown) });
  response.writeHead(statuses[call] ?? 200, { 'content-type': 'application/json' }).end('{}');
}

beforeAll(async () => {
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    SEARCH_ENDPOINT: services.url,
    SEARCH_SERVICE: 'es',
  });
  ({ handler } = (await import('./index')) as unknown as { handler: typeof handler });
});

beforeEach(() => {
  services.listener = (request, response) => void answer(request, response);
  asked = [];
  statuses = {};
});

const role = (name: string, more: object = {}) => ({
  role: name,
  backendRoles: [`arn:${name}`],
  clusterPermissions: [],
  indexPermissions: [{ index_patterns: ['articles'], allowed_actions: ['indices:data/read/search*'] }],
  ...more,
});

function deploy(RequestType: 'Create' | 'Update' | 'Delete', ResourceType: string, properties: object, old = {}) {
  const event = {
    RequestType,
    ResourceType,
    ResponseURL: `${process.env.SEARCH_ENDPOINT}/cloudformation`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'It',
    ResourceProperties: { ServiceToken: 'x', ...properties },
    OldResourceProperties: old,
    ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'physical' }),
  };
  return handler(event as never, context);
}

const calls = () => asked.map(({ call }) => call);
const outcome = () => asked.find(({ call }) => call === 'PUT /cloudformation')?.body as Record<string, unknown>;
const SECURITY = '/_plugins/_security/api';

test('an index is made by the name that it is given, after the roles', async () => {
  statuses = { 'GET /articles/_alias': 404, 'GET /articles-zero-etl-000001': 404 };
  await deploy('Create', 'Custom::SearchIndex', {
    Alias: 'articles',
    IndexName: 'articles-zero-etl-000001',
    Body: JSON.stringify({ mappings: { dynamic: 'strict' } }),
    RoleMappings: JSON.stringify([
      role('articles-administrators', { tenantPermissions: [{ tenant_patterns: ['*'], allowed_actions: ['x'] }] }),
    ]),
  });
  expect(calls()).toEqual([
    `PUT ${SECURITY}/roles/articles-administrators`,
    `PUT ${SECURITY}/rolesmapping/articles-administrators`,
    'GET /articles/_alias',
    'GET /articles-zero-etl-000001',
    'PUT /articles-zero-etl-000001',
    'PUT /cloudformation',
  ]);
  expect(asked[0].body).toEqual({
    cluster_permissions: [],
    index_permissions: [{ index_patterns: ['articles'], allowed_actions: ['indices:data/read/search*'] }],
    tenant_permissions: [{ tenant_patterns: ['*'], allowed_actions: ['x'] }],
  });
  expect(asked[1].body).toEqual({ backend_roles: ['arn:articles-administrators'] });
  expect(outcome()).toMatchObject({
    Status: 'SUCCESS',
    PhysicalResourceId: 'search-index-articles',
    Data: { IndexName: 'articles-zero-etl-000001' },
  });
});

test('roles of another stack are given alone, and taken away with it', async () => {
  const properties = { RoleMappings: JSON.stringify([role('articles-search-1')]) };
  await deploy('Create', 'Custom::SearchRoleMappings', properties);
  expect(calls()).toEqual([
    `PUT ${SECURITY}/roles/articles-search-1`,
    `PUT ${SECURITY}/rolesmapping/articles-search-1`,
    'PUT /cloudformation',
  ]);
  expect(outcome()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'search-roles-articles-search-1' });
  asked = [];
  statuses = { [`DELETE ${SECURITY}/rolesmapping/articles-search-1`]: 404 };
  await deploy('Delete', 'Custom::SearchRoleMappings', properties);
  expect(calls()).toEqual([
    `DELETE ${SECURITY}/rolesmapping/articles-search-1`,
    `DELETE ${SECURITY}/roles/articles-search-1`,
    'PUT /cloudformation',
  ]);
});

test('a role that is not to be given any longer is taken away', async () => {
  const [kept, gone] = [role('articles-index'), role('articles-search')];
  await deploy(
    'Update',
    'Custom::SearchRoleMappings',
    { RoleMappings: JSON.stringify([kept]) },
    { RoleMappings: JSON.stringify([kept, gone]) },
  );
  expect(calls().filter((call) => call.startsWith('DELETE'))).toEqual([
    `DELETE ${SECURITY}/rolesmapping/articles-search`,
    `DELETE ${SECURITY}/roles/articles-search`,
  ]);
});

test('a domain that is gone, or refuses, holds up no deletion', async () => {
  statuses = { [`DELETE ${SECURITY}/rolesmapping/articles-search-1`]: 500 };
  await deploy('Delete', 'Custom::SearchRoleMappings', { RoleMappings: JSON.stringify([role('articles-search-1')]) });
  expect(outcome()).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'physical' });
});

test('an index stays when its stack is deleted', async () => {
  await deploy('Delete', 'Custom::SearchIndex', { Alias: 'articles', Body: '{}' });
  expect(calls()).toEqual(['PUT /cloudformation']);
});
