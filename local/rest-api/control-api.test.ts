import { ControlApi } from './control-api';
import { StageSettings } from './stage-settings';
import { AwsRequest, HttpCall } from '../aws/protocol';

const settings = new StageSettings([], true, () => 0);
const api = new ControlApi('eu-west-1', (id, stage) =>
  id === 'abcdefghij' && stage === 'prod' ? settings : undefined,
);

const callOf = (path: string, patchOperations: unknown): HttpCall => ({
  method: 'PATCH',
  path,
  query: new URLSearchParams(),
  headers: {},
  body: JSON.stringify({ patchOperations }),
});

function requestOf(path: string, patchOperations: unknown = []): AwsRequest {
  const call = callOf(path, patchOperations);
  const operation = api.protocol.match(call) ?? '';
  const caller = { principal: { name: 'fn' } };
  return { operation, input: api.protocol.parse(call, operation), caller, signal: new AbortController().signal };
}

const STAGE = '/restapis/abcdefghij/stages/prod';
const PATCH = { op: 'replace', path: '/~1a/GET/caching/requireAuthorizationForCacheControl', value: 'true' };

test('a patch of a stage needs PATCH of that stage, and is done', async () => {
  const request = requestOf(STAGE, [PATCH]);
  expect(api.permissions(request)).toEqual([
    { action: 'apigateway:PATCH', resources: ['arn:aws:apigateway:eu-west-1::/restapis/abcdefghij/stages/prod'] },
  ]);
  expect(await api.handle(request)).toEqual({ body: { stageName: 'prod' } });
  expect(settings.cache('/a', 'GET')?.requireAuthorization).toBe(true);
});

test.each<[string, string, unknown, string]>([
  ['another stage', '/restapis/abcdefghij/stages/test', [PATCH], 'NotFoundException'],
  ['another operation', STAGE, [{ ...PATCH, op: 'add' }], 'BadRequestException'],
  ['another setting', STAGE, [{ ...PATCH, path: '/~1a/GET/caching/ttlInSeconds' }], 'BadRequestException'],
  ['no list', STAGE, 'replace', 'BadRequestException'],
])('a patch of %s is refused', async (_what, path, patchOperations, code) => {
  await expect(api.handle(requestOf(path, patchOperations))).rejects.toMatchObject({ code });
});

test('calls of other services, and other calls of this one, are not for it', () => {
  const match = (change: Partial<HttpCall>): unknown => api.protocol.match({ ...callOf(STAGE, []), ...change });
  expect(match({})).toBe('UpdateStage');
  expect(match({ method: 'GET' })).toBeUndefined();
  expect(match({ path: '/restapis/abcdefghij' })).toBeUndefined();
  expect(match({ path: '/' })).toBeUndefined();
});
