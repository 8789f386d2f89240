import * as path from 'node:path';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEvent, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { CONTEXT, type RequestSample, restEvent } from '../../test/support/events';
import { useLogLines } from '../../test/support/log-lines';
import { tagIdOf } from '../../test/support/post-samples';
import { userIdOf } from '../../test/support/samples';
import { awsError } from '../../test/support/secrets';

/** What the functions of lists and tags answer where DynamoDB fails, and where a token may not ask. */

const TAG = { tagId: tagIdOf(1) };
const OPERATIONS: readonly [string, RequestSample, scope: string][] = [
  ['get-posts', {}, 'read:posts'],
  ['get-posts', { query: { scope: 'all', tag: TAG.tagId } }, 'read:posts'],
  ['get-user-posts', { path: { userId: userIdOf(2) } }, 'read:posts'],
  ['get-tag-posts', { path: TAG }, 'read:posts'],
  ['get-tags', {}, 'read:posts'],
  ['get-tag', { path: TAG }, 'read:posts'],
  ['create-tag', { body: { name: 'secret words', access_type: 'public' } }, 'write:posts'],
  ['update-tag', { path: TAG, body: { name: 'secret words' } }, 'write:posts'],
  ['delete-tag', { path: TAG }, 'write:posts'],
];
const LEAKS = /AccessDenied|Throttl|Throughput|Exception|dynamodb|\.ts|secret words/i;

const logged = useLogLines();
const db = mockClient(DynamoDBDocumentClient);

beforeAll(() => Object.assign(process.env, { AWS_REGION: 'eu-west-1', TABLE_NAME: 'social' }));
beforeEach(() => db.reset());

type Handler = (event: APIGatewayProxyEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

async function ask(folder: string, sample: RequestSample, token: object = {}) {
  const { handler } = jest.requireActual<{ handler: Handler }>(path.join(__dirname, folder, 'index.ts'));
  const event = restEvent(sample);
  const authorizer = { userId: userIdOf(1), username: 'ada', credential: 'jwt', ...token };
  Object.assign(event.requestContext, { authorizer });
  const { statusCode, body = '', headers = {} } = await handler(event, CONTEXT);
  return {
    status: statusCode,
    text: body,
    code: (JSON.parse(body) as { error: { code: string } }).error.code,
    headers,
  };
}

test.each(OPERATIONS)('%s (%j) tells to come back where DynamoDB is busy', async (folder, sample) => {
  db.rejects(awsError('ProvisionedThroughputExceededException'));
  const answer = await ask(folder, sample);
  expect(answer).toMatchObject({ status: 503, code: 'unavailable', headers: { 'retry-after': '1' } });
  expect(answer.text).not.toMatch(LEAKS);
  expect(logged()).toHaveLength(1);
  expect(JSON.stringify(logged())).not.toContain('secret words');
});

test.each(OPERATIONS)('%s (%j) tells nothing of what else went wrong', async (folder, sample) => {
  db.rejects(awsError('AccessDeniedException'));
  const answer = await ask(folder, sample);
  expect(answer).toMatchObject({ status: 500, code: 'internal_error' });
  expect(answer.text).not.toMatch(LEAKS);
  expect(JSON.stringify(logged())).not.toContain('secret words');
});

test.each(OPERATIONS)(
  '%s (%j) is not for a token without the scope, before anything is read',
  async (folder, sample, scope) => {
    const [other] = ['read:posts', 'write:posts'].filter((candidate) => candidate !== scope);
    const answer = await ask(folder, sample, { credential: 'token', tokenId: tagIdOf(9), scopes: other });
    expect(answer).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect(db.calls()).toHaveLength(0);
  },
);
