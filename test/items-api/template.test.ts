import { App, Stack } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { functionOf, onlyOne, resourcesOf, statementsOf, synthesize } from './synthesized';
import { ItemsApi, ServiceAuthorizer } from '../../src';
import { ITEMS_ENDPOINTS, type ItemsEndpoint } from '../../src/items-api/contract';

const { api, stack, template } = synthesize();
const ENDPOINTS = Object.entries<ItemsEndpoint>(ITEMS_ENDPOINTS);

test('without props it is a whole service', () => {
  template.resourceCountIs('AWS::DynamoDB::Table', 1);
  template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
  template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 0);
  const routes = Object.values(resourcesOf(template, 'AWS::ApiGatewayV2::Route')).map(
    ({ Properties }) => Properties.RouteKey,
  );
  expect(routes.sort()).toEqual(
    [
      ...ENDPOINTS.map(([, { method, path }]) => `${method} ${path}`),
      'GET /docs',
      'GET /docs/{file}',
      '$default',
    ].sort(),
  );
});

describe('the table', () => {
  test('has all of its indexes from the start, with every attribute', () => {
    const keys = (prefix: string) => [
      { AttributeName: `${prefix}PK`, KeyType: 'HASH' },
      { AttributeName: `${prefix}SK`, KeyType: 'RANGE' },
    ];
    expect(onlyOne(template, 'AWS::DynamoDB::Table').Properties).toMatchObject({
      KeySchema: keys(''),
      GlobalSecondaryIndexes: ['GSI1', 'GSI2'].map((IndexName) => ({
        IndexName,
        KeySchema: keys(IndexName),
        Projection: { ProjectionType: 'ALL' },
      })),
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true },
    });
  });

  test('may be one that is there already', () => {
    const made = synthesize((own) => ({ table: dynamodb.Table.fromTableName(own, 'Existing', 'existing') }));
    made.template.resourceCountIs('AWS::DynamoDB::Table', 0);
    expect(functionOf(made.template, 'GetItem').Environment).toMatchObject({ Variables: { TABLE_NAME: 'existing' } });
    const resources = statementsOf(made.template, 'ListItems').map(({ Resource }) => JSON.stringify(Resource));
    expect(resources.filter((arn) => /table\/existing\/index\/GSI[12]/.test(arn))).toHaveLength(2);
  });

  test('that is there already takes no options of a new one', () => {
    expect(() =>
      synthesize((own) => ({
        table: dynamodb.Table.fromTableName(own, 'Existing', 'existing'),
        deletionProtection: true,
      })),
    ).toThrow('Either provide table or deletionProtection, but not both');
  });
});

describe('rights', () => {
  const rightsOf = (fn: string) =>
    statementsOf(template, fn).filter(({ Action }) => String(Action).startsWith('dynamodb:'));

  test.each(ENDPOINTS)('of %s are what its facts say, on those items alone', (id, { table = {}, indexes = {} }) => {
    const rights = rightsOf(id);
    expect(rights.map(({ Action }) => Action)).toEqual([
      ...Object.keys(table).map((action) => `dynamodb:${action}`),
      ...Object.keys(indexes).map(() => 'dynamodb:Query'),
    ]);
    for (const { Condition } of rights) {
      expect(Condition).toEqual({
        'ForAllValues:StringLike': {
          'dynamodb:LeadingKeys': expect.arrayContaining([expect.stringMatching(/#\*$/)]) as object,
        },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      });
    }
    const environment = functionOf(template, id).Environment as { Variables: Record<string, unknown> };
    expect('TABLE_NAME' in environment.Variables).toBe(rights.length > 0);
  });

  test('to query are on indexes, and none is on all of them', () => {
    const queries = ENDPOINTS.flatMap(([id]) => rightsOf(id)).filter(({ Action }) => Action === 'dynamodb:Query');
    expect(queries.length).toBe(3);
    for (const { Resource } of queries) expect(JSON.stringify(Resource)).toMatch(/"\/index\/GSI[12]"/);
  });

  test('to the key of the table are with those to its items', () => {
    const made = synthesize((own) => ({ encryptionKey: new kms.Key(own, 'Key') }));
    const kmsOf = (fn: string) =>
      statementsOf(made.template, fn)
        .flatMap(({ Action }) => Action)
        .filter((action) => action.startsWith('kms:'));
    expect(kmsOf('GetItem')).toEqual(['kms:Decrypt']);
    expect(kmsOf('ListItems')).toEqual(['kms:Decrypt']);
    expect(kmsOf('CreateItem')).toContain('kms:Encrypt');
    expect(kmsOf('GetHealth')).toEqual([]);
  });
});

test('the health check says which service it is, of which version, and where', () => {
  const made = synthesize({ serviceName: 'catalogue', serviceVersion: '2.3.4' }).template;
  expect(functionOf(made, 'GetHealth').Environment).toMatchObject({
    Variables: { SERVICE_NAME: 'catalogue', SERVICE_VERSION: '2.3.4', SERVICE_ENVIRONMENT: 'dev' },
  });
});

test('an authorizer guards all but the health check, the documents and unknown routes', () => {
  const guarded = synthesize({ authorizer: ServiceAuthorizer.iam() }).template;
  const open = Object.values(resourcesOf(guarded, 'AWS::ApiGatewayV2::Route')).flatMap(({ Properties }) =>
    Properties.AuthorizationType === 'NONE' ? [Properties.RouteKey] : [],
  );
  expect(open.sort()).toEqual(['$default', 'GET /docs', 'GET /docs/{file}', 'GET /health']);
});

test('an imported API has its addresses and metrics', () => {
  const other = new Stack(new App(), 'Other');
  const imported = ItemsApi.fromItemsApiAttributes(other, 'Items', {
    httpApiId: 'abc',
    url: 'https://abc.execute-api.eu-west-1.amazonaws.com/',
  });
  expect([imported.url, imported.docsUrl]).toEqual([
    'https://abc.execute-api.eu-west-1.amazonaws.com',
    'https://abc.execute-api.eu-west-1.amazonaws.com/docs',
  ]);
  for (const metric of [
    imported.metricCount(),
    imported.metricClientError(),
    imported.metricServerError(),
    imported.metricLatency(),
  ]) {
    expect(metric.dimensions).toEqual({ ApiId: 'abc' });
  }
  expect(stack.resolve(api.metricCount().dimensions)).toEqual({ ApiId: stack.resolve(api.httpApiId) as object });
});
