import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnMethod, MockIntegration, Period, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { synthesize } from '../assembly/test-assembly';
import { startApp } from '../runner';

/** What becomes of an API of which one thing is odd: an Error that names it. */
async function refusal(make: (api: RestApi, stack: Stack) => void): Promise<string> {
  const assembly = synthesize((cdk) => {
    const stack = new Stack(cdk, 'App');
    const api = new RestApi(stack, 'Rest');
    api.root.addMethod('GET', new MockIntegration({ requestTemplates: { 'application/json': '{"statusCode":200}' } }));
    make(api, stack);
  });
  try {
    const app = await startApp({ assembly: assembly.directory, port: 0 });
    await app.close();
    return 'nothing was refused';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    assembly.remove();
  }
}

const change = (path: string, value: unknown) => (api: RestApi) => {
  const method = api.root.node.findChild('GET').node.findChild('Resource') as CfnMethod;
  method.addPropertyOverride(path, value);
};

const stageOf = (api: RestApi): CfnResource => api.deploymentStage.node.findChild('Resource') as CfnResource;

test.each<[string, (api: RestApi, stack: Stack) => void]>([
  ['integration type HTTP_PROXY is not supported here', change('Integration.Type', 'HTTP_PROXY')],
  [
    "cache key parameter method.request.header.A is not one of the method's RequestParameters",
    change('Integration.CacheKeyParameters', ['method.request.header.A']),
  ],
  ['request parameter a is not supported here', change('Integration.CacheKeyParameters', ['a'])],
  ['authorization type AWS_IAM is not supported here', change('AuthorizationType', 'AWS_IAM')],
  ['request validator none is not part of this API', change('RequestValidatorId', 'none')],
  ['model none is not part of this API', change('RequestModels', { 'application/json': 'none' })],
  ['request parameter a.b is not supported here', change('RequestParameters', { 'a.b': true })],
  [
    '$util.time.now in a template is not supported here',
    change('Integration.RequestTemplates', { a: '$util.time.now()' }),
  ],
  [
    'CacheTtlInSeconds must be 0 to 3600, got 3601',
    (api) => stageOf(api).addPropertyOverride('MethodSettings', [{ CacheTtlInSeconds: 3601, HttpMethod: '*' }]),
  ],
  [
    'access log variable $context.nothing is not supported here',
    (api) => stageOf(api).addPropertyOverride('AccessLogSetting', { Format: '$context.nothing' }),
  ],
  [
    'Period must be DAY, WEEK or MONTH, got YEAR',
    (api) => void api.addUsagePlan('Plan', { quota: { limit: 5, period: 'YEAR' as never } }),
  ],
  [
    'property Offset is not supported here',
    (api) => void api.addUsagePlan('Plan', { quota: { limit: 5, offset: 1, period: Period.DAY } }),
  ],
  [
    'authorizer type COGNITO_USER_POOLS is not supported here',
    (api, stack) =>
      void new CfnResource(stack, 'Authorizer', {
        type: 'AWS::ApiGateway::Authorizer',
        properties: { RestApiId: api.restApiId, Type: 'COGNITO_USER_POOLS', Name: 'a' },
      }),
  ],
  [
    'property MinimumCompressionSize is not supported here',
    (api) => (api.node.findChild('Resource') as CfnResource).addPropertyOverride('MinimumCompressionSize', 5),
  ],
])('%s', async (message, make) => {
  expect(await refusal(make)).toContain(message);
});

test('nothing of an ordinary API is refused', async () => {
  expect(await refusal(() => undefined)).toBe('nothing was refused');
});
