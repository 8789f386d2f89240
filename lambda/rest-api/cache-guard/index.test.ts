import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from 'aws-lambda';
import { useLogLines } from '../../../test/support/log-lines';

const logged = useLogLines();

/** In the place of API Gateway and of CloudFormation: what was asked, and what is to be answered. */
let server: Server;
let asked: { call: string; body: unknown }[];
/** Errors with which the next patches are answered. */
let refusals: { readonly status: number; readonly code: string }[];
let handler: (event: never, context: Context) => Promise<void>;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  asked.push({
    call: `${request.method} ${request.url}`,
    body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
  });
  const refusal = request.method === 'PATCH' ? refusals.shift() : undefined;
  response.writeHead(refusal?.status ?? 200, {
    'content-type': 'application/json',
    ...(refusal ? { 'x-amzn-errortype': refusal.code } : {}),
  });
  response.end(JSON.stringify(refusal ? { message: 'secret words' } : {}));
}

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  Object.assign(process.env, {
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  ({ handler } = (await import('./index')) as unknown as { handler: typeof handler });
});

afterAll(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  asked = [];
  refusals = [];
});

/** @param timeLeft in ms: none of it is kept for the answer in a test */
async function deploy(RequestType: 'Create' | 'Update' | 'Delete', properties: object = {}, timeLeft = 110_000) {
  const event = {
    RequestType,
    ResourceType: 'Custom::RestApiCacheProtection',
    ResponseURL: `${process.env.AWS_ENDPOINT_URL}/cloudformation`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'It',
    ResourceProperties: {
      RestApiId: 'abcdefghij',
      StageName: 'prod',
      MethodKeys: ['*/*', '~1v1~1posts~1{postId}/GET'],
      ...properties,
    },
    ...(RequestType === 'Create' ? {} : { PhysicalResourceId: 'cache-protection-abcdefghij-prod' }),
  };
  await handler(event as never, { getRemainingTimeInMillis: () => timeLeft } as Context);
  return asked.find(({ call }) => call === 'PUT /cloudformation')?.body as Record<string, unknown>;
}

const calls = () => asked.map(({ call }) => call);
const PATCH = 'PATCH /restapis/abcdefghij/stages/prod';

test.each(['Create', 'Update'] as const)(
  'a %s asks for authorization, for all methods and for each cached one',
  async (type) => {
    expect(await deploy(type)).toMatchObject({
      Status: 'SUCCESS',
      PhysicalResourceId: 'cache-protection-abcdefghij-prod',
    });
    expect(calls()).toEqual([PATCH, 'PUT /cloudformation']);
    const replace = (path: string, value: string) => ({ op: 'replace', path, value });
    expect(asked[0].body).toEqual({
      patchOperations: [
        replace('/*/*/caching/requireAuthorizationForCacheControl', 'true'),
        replace('/*/*/caching/unauthorizedCacheControlHeaderStrategy', 'SUCCEED_WITH_RESPONSE_HEADER'),
        replace('/~1v1~1posts~1{postId}/GET/caching/requireAuthorizationForCacheControl', 'true'),
        replace(
          '/~1v1~1posts~1{postId}/GET/caching/unauthorizedCacheControlHeaderStrategy',
          'SUCCEED_WITH_RESPONSE_HEADER',
        ),
      ],
    });
  },
);

test('a Delete leaves the stage alone, which goes or has gone', async () => {
  expect(await deploy('Delete')).toMatchObject({ Status: 'SUCCESS' });
  expect(calls()).toEqual(['PUT /cloudformation']);
});

test.each([
  ['rights that are not there yet', 403, 'AccessDeniedException'],
  ['another change under way', 409, 'ConflictException'],
])('it tries again after %s', async (_what, status, code) => {
  refusals = [{ status, code }];
  expect(await deploy('Create')).toMatchObject({ Status: 'SUCCESS' });
  expect(calls()).toEqual([PATCH, PATCH, 'PUT /cloudformation']);
});

test('a refusal that lasts ends with the time, and says no more than its kind', async () => {
  refusals = [{ status: 403, code: 'AccessDeniedException' }];
  expect(await deploy('Create', {}, 0)).toMatchObject({
    Status: 'FAILED',
    Reason: 'The cache was not protected: AccessDeniedException',
  });
  expect(logged().at(-1)).toMatchObject({ message: 'cache was not protected' });
});

test('what is no stage at all is refused at once', async () => {
  refusals = [{ status: 404, code: 'NotFoundException' }];
  expect(await deploy('Create')).toMatchObject({
    Status: 'FAILED',
    Reason: 'The cache was not protected: NotFoundException',
  });
  expect(calls()).toEqual([PATCH, 'PUT /cloudformation']);
});
