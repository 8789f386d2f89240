import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { BackupPlan } from 'aws-cdk-lib/aws-backup';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { parse } from 'yaml';
import { personalisation } from '../examples/personalisation/system';
import { readArguments, type StartArguments } from '../local/cli/options';
import { PersonalisationApi, type PersonalisationApiProps, ServiceAuthorizer } from '../src';
import { PERSONALISATION_ENDPOINTS, type PersonalisationEndpoint } from '../src/personalisation-api/contract';

const ENDPOINTS = Object.entries<PersonalisationEndpoint>(PERSONALISATION_ENDPOINTS);

function synthesize(make: PersonalisationApiProps | ((stack: Stack) => PersonalisationApiProps) = {}) {
  const stack = new Stack(new App(), 'Stack', { env: { account: '123456789012', region: 'eu-west-1' } });
  const api = new PersonalisationApi(stack, 'Api', typeof make === 'function' ? make(stack) : make);
  return { api, stack, template: Template.fromStack(stack) };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: object;
}
type Resources = Readonly<Record<string, { readonly Properties: Readonly<Record<string, unknown>> }>>;
const find = (template: Template, type: string) => template.findResources(type) as unknown as Resources;
const DYNAMO = /^dynamodb:/;

const { api, stack, template } = synthesize();

/** Statements about DynamoDB in the policies of one function's role. */
function statementsOf(operation: string, of: Template = template): Statement[] {
  return Object.entries(find(of, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`ApiService${operation}Role`))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement)
    .filter(({ Action }) => [Action].flat().some((action) => DYNAMO.test(action)));
}

describe('alone', () => {
  test('it is a whole back end below 400 resources', () => {
    expect(Object.keys(template.toJSON().Resources as object).length).toBeLessThan(400);
    template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.resourceCountIs('AWS::Backup::BackupSelection', 0);
    // With documents and unknown routes.
    template.resourceCountIs('AWS::Lambda::Function', ENDPOINTS.length + 2);
  });

  test('its table has the keys of the design, a time to live, and stays', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: {
        KeySchema: [
          { AttributeName: 'PK', KeyType: 'HASH' },
          { AttributeName: 'SK', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        TableName: Match.absent(),
      },
    });
  });

  test.each(ENDPOINTS)(
    '%s has its route below /api/v1, and may do what its facts say, on items of users alone',
    (id, facts) => {
      template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: `${facts.method} /api/v1${facts.path}` });
      const statements = statementsOf(id);
      const actions = statements.flatMap(({ Action }) => [Action].flat());
      expect(actions.sort()).toEqual(
        Object.keys(facts.items)
          .map((action) => `dynamodb:${action}`)
          .sort(),
      );
      for (const { Resource, Condition } of statements) {
        expect(Resource).toEqual(stack.resolve(api.table.tableArn));
        expect(Condition).toMatchObject({ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['USER#*'] } });
      }
    },
  );

  test('functions know the table by its name; the one that deletes profiles has more time', () => {
    const functions = Object.values(find(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    const name = stack.resolve(api.table.tableName) as unknown;
    const environments = functions.map(
      ({ Environment: env }) => (env as { Variables: Record<string, unknown> }).Variables,
    );
    expect(environments.filter(({ TABLE_NAME: table }) => table !== undefined)).toHaveLength(ENDPOINTS.length);
    environments.forEach(({ TABLE_NAME: table = name }) => expect(table).toEqual(name));
    expect(functions.filter(({ Timeout: seconds }) => seconds === 29)).toHaveLength(1);
  });

  test('it says where it is', () => {
    const text = (url: string) => JSON.stringify(stack.resolve(url));
    expect(text(api.url)).toMatch(/ApiEndpoint.*"\/api\/v1"/);
    expect(text(api.docsUrl)).toMatch(/ApiEndpoint.*"\/docs"/);
    expect(Object.keys(api.functions).sort()).toEqual(ENDPOINTS.map(([id]) => id).sort());
    expect(Object.keys(api.alarms)).toEqual(['ServerErrorAlarm', 'LatencyAlarm']);
  });
});

describe('props', () => {
  test('an authorizer guards every endpoint, and no document; a role can be let in', () => {
    const scope = new Stack(new App(), 'Stack');
    const guarded = new PersonalisationApi(scope, 'Api', { authorizer: ServiceAuthorizer.iam() });
    guarded.grantInvoke(new iam.Role(scope, 'Caller', { assumedBy: new iam.AccountRootPrincipal() }));
    const synthesized = Template.fromStack(scope);
    const routes = Object.values(find(synthesized, 'AWS::ApiGatewayV2::Route')).map(({ Properties }) => Properties);
    const open = routes.filter(({ AuthorizationType: type }) => type !== 'AWS_IAM').map(({ RouteKey }) => RouteKey);
    expect(open.sort()).toEqual(['$default', 'GET /docs', 'GET /docs/{file}']);
    expect(JSON.stringify(find(synthesized, 'AWS::IAM::Policy'))).toContain('execute-api:Invoke');
  });

  test('a table of the user is used, with its key, and none is made', () => {
    const { template: given } = synthesize((scope) => ({
      table: dynamodb.Table.fromTableAttributes(scope, 'Mine', {
        tableName: 'profiles-restored',
        encryptionKey: kms.Key.fromKeyArn(scope, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/abcd'),
      }),
    }));
    given.resourceCountIs('AWS::DynamoDB::Table', 0);
    given.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ TABLE_NAME: 'profiles-restored' }) },
    });
    const actions = (operation: string) =>
      Object.entries(find(given, 'AWS::IAM::Policy'))
        .filter(([id]) => id.startsWith(`ApiService${operation}Role`))
        .map(([, { Properties }]) => JSON.stringify(Properties));
    expect(actions('GetTags')[0]).toContain('kms:Decrypt');
    expect(actions('GetTags')[0]).not.toContain('kms:Encrypt');
    expect(actions('PutBlob')[0]).toContain('kms:Encrypt');
  });

  test('a table of the user and a name for a new one are not both', () => {
    const both = () =>
      synthesize((scope) => ({ table: dynamodb.Table.fromTableName(scope, 'Mine', 'mine'), tableName: 'other' }));
    expect(both).toThrow('Either provide table or tableName, but not both [at Stack/Api]');
  });

  test('a new table has the name and the protection that are asked for', () => {
    const { template: named } = synthesize({
      tableName: 'user_profiles',
      removalPolicy: RemovalPolicy.DESTROY,
      pointInTimeRecovery: false,
    });
    named.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Delete',
      Properties: {
        TableName: 'user_profiles',
        DeletionProtectionEnabled: false,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: false },
      },
    });
  });

  test('a plan of AWS Backup has the table, and may restore it', () => {
    const {
      template: kept,
      api: own,
      stack: scope,
    } = synthesize((within) => ({
      backupPlan: BackupPlan.daily35DayRetention(within, 'Plan'),
    }));
    kept.hasResourceProperties('AWS::Backup::BackupSelection', {
      BackupSelection: { Resources: [scope.resolve(own.table.tableArn)] },
    });
    expect(JSON.stringify(kept.findResources('AWS::IAM::Role'))).toContain('AWSBackupServiceRolePolicyForRestores');
  });

  test('a function can be given more than the others', () => {
    const { template: tuned } = synthesize({
      memorySize: 256,
      functions: {
        DeleteProfile: { memorySize: 1024 },
        GetProfile: { provisionedConcurrentExecutions: 2, timeout: Duration.seconds(3) },
      },
    });
    tuned.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 1024, Timeout: 29 });
    tuned.hasResourceProperties('AWS::Lambda::Function', { MemorySize: 256, Timeout: 3 });
    tuned.hasResourceProperties('AWS::Lambda::Alias', {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 },
    });
  });
});

test('one of another app is known by its addresses and metrics', () => {
  const imported = PersonalisationApi.fromPersonalisationApiAttributes(new Stack(new App(), 'Other'), 'Api', {
    httpApiId: 'abc',
    url: 'https://profiles.example.com/api/v1/',
  });
  expect([imported.url, imported.docsUrl]).toEqual([
    'https://profiles.example.com/api/v1',
    'https://profiles.example.com/docs',
  ]);
  for (const metric of [
    imported.metricCount(),
    imported.metricClientError(),
    imported.metricServerError(),
    imported.metricLatency(),
  ]) {
    expect(metric.dimensions).toEqual({ ApiId: 'abc' });
  }
});

test('the example is as it was', () => {
  const app = new App();
  const text = JSON.stringify(Template.fromStack(personalisation(app)).toJSON());
  expect(JSON.parse(text.replace(/[0-9a-f]{64}/g, '<asset>'))).toMatchSnapshot();
});

describe('examples/personalisation', () => {
  const read = (file: string) => readFileSync(join(__dirname, '..', 'examples', 'personalisation', file), 'utf8');
  const PORTS = { api: 8080, dynamodb: 8000, admin: 8001 };

  test('has the same ports with Docker and without', () => {
    const { services } = parse(read('docker-compose.yml')) as { services: Record<string, { ports?: string[] }> };
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, Number(port.split(':')[1])]),
    );
    expect(Object.fromEntries(published)).toEqual(PORTS);
    const { start } = JSON.parse(read('cdk.json')) as { start: string[] };
    const options = start.flatMap((option, at) => (option.startsWith('--') ? [[option, Number(start[at + 1])]] : []));
    expect(Object.fromEntries(options)).toEqual({
      '--port': PORTS.api,
      '--dynamodb-port': PORTS.dynamodb,
      '--admin-port': PORTS.admin,
    });
  });

  test('is started in its container by options that there are, on the DynamoDB beside it', () => {
    const command = JSON.parse(/^CMD (\[.*\])$/m.exec(read('Dockerfile'))?.[1] ?? '') as string[];
    const [, , , , , example, ...options] = command;
    expect(example).toBe('personalisation');
    const { port, engines } = readArguments(['start', ...options]) as StartArguments;
    expect([port, engines]).toEqual([PORTS.api, { dynamodb: `http://dynamodb:${PORTS.dynamodb}` }]);
  });
});
