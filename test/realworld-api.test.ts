import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { FeedFanout, RealWorldApi, type RealWorldApiProps, SocialTable } from '../src';

interface Synthesized {
  readonly api: RealWorldApi;
  readonly template: Template;
}

function synthesize(props?: RealWorldApiProps): Synthesized {
  const stack = new Stack(new App(), 'Stack');
  const api = new RealWorldApi(stack, 'Api', props);
  return { api, template: Template.fromStack(stack) };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] } };
}

/** Statements of the policies that belong to one function's role. @throws Error where it has no role */
function statementsOf(template: Template, fn: string): Statement[] {
  const roles = Object.keys(template.findResources('AWS::IAM::Role')).filter((id) => id.startsWith(`Api${fn}Role`));
  if (roles.length !== 1) {
    throw new Error(`roles of ${fn}: ${roles.join(', ') || 'none'}`);
  }
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`Api${fn}Role`))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    );
}

const actionsOf = (statements: readonly Statement[]) => statements.flatMap((statement) => statement.Action);

describe('RealWorldApi', () => {
  const plain = synthesize();

  test('alone is a whole back end below 400 resources', () => {
    const resources = plain.template.toJSON().Resources as Record<string, unknown>;
    expect(Object.keys(resources).length).toBeLessThan(400);
    plain.template.resourceCountIs('AWS::ApiGatewayV2::Api', 1);
    plain.template.resourceCountIs('AWS::DynamoDB::Table', 3);
  });

  test('has a route for every endpoint of the contract, and one for the rest', () => {
    const routes = Object.values(plain.template.findResources('AWS::ApiGatewayV2::Route')).map(
      (route) => (route as { Properties: { RouteKey: string } }).Properties.RouteKey,
    );
    expect(routes.sort()).toEqual([
      '$default',
      'DELETE /api/articles/{slug}',
      'DELETE /api/articles/{slug}/comments/{id}',
      'DELETE /api/articles/{slug}/favorite',
      'DELETE /api/profiles/{username}/follow',
      'GET /api/articles',
      'GET /api/articles/feed',
      'GET /api/articles/{slug}',
      'GET /api/articles/{slug}/comments',
      'GET /api/health',
      'GET /api/profiles/{username}',
      'GET /api/tags',
      'GET /api/user',
      'GET /docs',
      'GET /docs/{file}',
      'POST /api/articles',
      'POST /api/articles/{slug}/comments',
      'POST /api/articles/{slug}/favorite',
      'POST /api/profiles/{username}/follow',
      'POST /api/users',
      'POST /api/users/login',
      'PUT /api/articles/{slug}',
      'PUT /api/user',
    ]);
  });

  test('retains tables and signing key, recoverable, protected and encrypted', () => {
    for (const table of Object.values(plain.template.findResources('AWS::DynamoDB::Table'))) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true },
        },
      });
    }
    plain.template.hasResource('AWS::SecretsManager::Secret', { DeletionPolicy: 'Retain' });
  });

  test('gives no resource a fixed name', () => {
    const text = JSON.stringify(plain.template.toJSON());
    for (const name of ['TableName"', 'FunctionName"', 'QueueName"', 'RoleName"', 'LogGroupName"']) {
      const fixed = new RegExp(`"${name.slice(0, -1)}":"[^"]+"`);
      expect(text).not.toMatch(fixed);
    }
  });

  test('keeps credentials in a table without a stream', () => {
    const tables = plain.template.findResources('AWS::DynamoDB::Table');
    const accounts = Object.entries(tables).filter(([id]) => id.includes('Accounts'));
    expect(accounts).toHaveLength(1);
    expect(JSON.stringify(accounts)).not.toContain('StreamSpecification');
  });

  test('lets only functions that sign in read the private key', () => {
    const readers = Object.keys(plain.api.functions).filter((fn) =>
      actionsOf(statementsOf(plain.template, fn)).includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.sort()).toEqual(['CreateUser', 'Login', 'UpdateCurrentUser']);
  });

  test('lets only functions that need them read passwords', () => {
    const readers = Object.keys(plain.api.functions).filter((fn) =>
      statementsOf(plain.template, fn).some(
        (statement) =>
          [statement.Action].flat().includes('dynamodb:BatchGetItem') &&
          statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].some((key) =>
            key.startsWith('PASSWORD'),
          ),
      ),
    );
    expect(readers).toEqual(['Login']);
  });

  test('lets no function of an endpoint scan, use PartiQL, or read a table without a condition on its keys', () => {
    for (const fn of Object.keys(plain.api.functions)) {
      const statements = statementsOf(plain.template, fn);
      const actions = actionsOf(statements);
      expect(actions.filter((action) => /Scan|PartiQL|\*/.test(action))).toEqual([]);
      const unbounded = statements.filter(
        (statement) =>
          [statement.Action].flat().some((action) => action.startsWith('dynamodb:')) &&
          !statement.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].length,
      );
      // A feed's rows are all that its table holds.
      expect(actionsOf(unbounded)).toEqual(fn === 'GetArticlesFeed' ? ['dynamodb:Query'] : []);
    }
  });

  test('lets the functions of tags, health, documents and unknown routes touch no credential', () => {
    for (const fn of ['GetTags', 'GetHealth', 'Docs', 'NotFound']) {
      expect(JSON.stringify(statementsOf(plain.template, fn))).not.toContain('Accounts');
    }
  });

  test('runs functions on arm64 with JSON logs, tracing and a retention', () => {
    for (const fn of Object.values(plain.template.findResources('AWS::Lambda::Function'))) {
      expect(fn).toMatchObject({
        Properties: {
          Architectures: ['arm64'],
          Runtime: 'nodejs24.x',
          LoggingConfig: { LogFormat: 'JSON' },
          TracingConfig: { Mode: 'Active' },
        },
      });
    }
    for (const group of Object.values(plain.template.findResources('AWS::Logs::LogGroup'))) {
      expect(group).toMatchObject({ Properties: { RetentionInDays: 30 } });
    }
  });

  test('puts no secret into an environment', () => {
    for (const fn of Object.values(plain.template.findResources('AWS::Lambda::Function'))) {
      const names = Object.keys(
        (fn as { Properties: { Environment?: { Variables: object } } }).Properties.Environment?.Variables ?? {},
      );
      expect(
        names.filter(
          (name) =>
            !/(_TABLE_NAME|^TABLE_NAME|_SERVICE_NAME|_URL|_ARN|_SECONDS|_LENGTH|_CAP|^DOCUMENT_VALUES|^ROUTES)$/.test(
              name,
            ),
        ),
      ).toEqual([]);
    }
  });

  test('allows browsers of every origin, with the Authorization header', () => {
    plain.template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: { AllowOrigins: ['*'], AllowHeaders: ['authorization', 'content-type'], AllowMethods: ['*'] },
    });
  });

  test('throttles, and writes an access log without personal paths or tokens', () => {
    plain.template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1000, ThrottlingBurstLimit: 2000 },
      AccessLogSettings: { Format: Match.not(Match.stringLikeRegexp('authorization|path"')) },
    });
  });

  test('makes its key pair by a function that is there with its rights', () => {
    const [pair] = Object.values(plain.template.findResources('Custom::JwtKeyPair'));
    const [manager] = (pair.Properties as { ServiceToken: { 'Fn::GetAtt': [string, string] } }).ServiceToken[
      'Fn::GetAtt'
    ];
    const { DependsOn } = plain.template.findResources('AWS::Lambda::Function')[manager] as { DependsOn: string[] };
    const policies = Object.keys(plain.template.findResources('AWS::IAM::Policy'));
    expect(policies.filter((id) => DependsOn.includes(id))).toEqual([
      expect.stringMatching(/^ApiKeysManagerRoleDefaultPolicy/),
    ]);
  });

  test('makes the key pair at deployment and rotates it', () => {
    plain.template.resourceCountIs('Custom::JwtKeyPair', 1);
    plain.template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { AutomaticallyAfterDays: 90 },
      RotateImmediatelyOnUpdate: false,
    });
  });

  test('takes its settings', () => {
    const { template } = synthesize({
      memorySize: 256,
      passwordMemorySize: 2048,
      runtime: lambda.Runtime.NODEJS_22_X,
      logRetention: logs.RetentionDays.ONE_WEEK,
      corsAllowOrigins: ['https://example.com'],
      throttlingRateLimit: 5,
      throttlingBurstLimit: 7,
      tokenLifetime: Duration.hours(1),
      keyRotation: Duration.days(7),
      passwordMinimumLength: 12,
      docs: false,
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Register',
      MemorySize: 2048,
      Runtime: 'nodejs22.x',
      Environment: { Variables: { TOKEN_LIFETIME_SECONDS: '3600', PASSWORD_MINIMUM_LENGTH: '12' } },
    });
    template.hasResourceProperties('AWS::Lambda::Function', { Description: 'Get an article', MemorySize: 256 });
    template.hasResourceProperties('AWS::ApiGatewayV2::Api', {
      CorsConfiguration: { AllowOrigins: ['https://example.com'] },
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      DefaultRouteSettings: { ThrottlingRateLimit: 5, ThrottlingBurstLimit: 7 },
    });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { AutomaticallyAfterDays: 7 },
    });
    expect(
      Object.values(template.findResources('AWS::ApiGatewayV2::Route'))
        .map((route) => JSON.stringify(route))
        .join(),
    ).not.toContain('/docs');
  });

  test('encrypts all that it makes under the key it is given', () => {
    const stack = new Stack(new App(), 'Stack');
    new RealWorldApi(stack, 'Api', { encryptionKey: new kms.Key(stack, 'Key') });
    const template = Template.fromStack(stack);
    const tables = Object.values(template.findResources('AWS::DynamoDB::Table'));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      expect(table).toMatchObject({
        Properties: { SSESpecification: { SSEType: 'KMS', KMSMasterKeyId: expect.anything() } },
      });
    }
    template.hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.anyValue() });
    for (const fn of ['CreateUser', 'GetArticle', 'GetArticlesFeed']) {
      expect(actionsOf(statementsOf(template, fn))).toContain('kms:Decrypt');
    }
  });

  test('works on the table and feed of others, in other stacks, without cyclic references', () => {
    const app = new App();
    const table = new SocialTable(new Stack(app, 'Data'), 'Table');
    const feed = new FeedFanout(new Stack(app, 'FeedStack'), 'Feed', { table });
    const api = new RealWorldApi(new Stack(app, 'ApiStack'), 'Api', { table, feed });
    expect(api.table).toBe(table);
    expect(() => app.synth()).not.toThrow();
    Template.fromStack(Stack.of(api)).resourceCountIs('AWS::DynamoDB::Table', 1);
  });

  test('takes the table of the feed it is given', () => {
    const stack = new Stack(new App(), 'Stack');
    const feed = new FeedFanout(stack, 'Feed');
    expect(new RealWorldApi(stack, 'Api', { feed }).table).toBe(feed.table);
  });

  test('refuses a feed on another table, naming both', () => {
    const stack = new Stack(new App(), 'Stack');
    const feed = new FeedFanout(stack, 'Feed');
    const table = new SocialTable(stack, 'Other');
    expect(() => new RealWorldApi(stack, 'Api', { feed, table })).toThrow(
      /same table.*Stack\/Feed\/Table.*Stack\/Other/,
    );
  });

  test.each([
    [{ passwordMinimumLength: 0 }, /passwordMinimumLength.*from 1 to 64, got: 0/],
    [{ passwordMinimumLength: 65 }, /passwordMinimumLength.*from 1 to 64, got: 65/],
    [{ throttlingRateLimit: 0 }, /throttlingRateLimit.*at least 1, got: 0/],
    [{ keyRotation: Duration.hours(36) }, /keyRotation must be whole days from 1 to 1000, got: 1\.5/],
    [{ tokenLifetime: Duration.seconds(0) }, /tokenLifetime must be whole seconds at least 1, got: 0/],
    [{ passwordMemorySize: 64 }, /passwordMemorySize must be an integer from 128 to 10240, got: 64/],
    [{ corsAllowOrigins: ['https://example.com/app'] }, /corsAllowOrigins .*without a path, got: https:.*\/app/],
    [{ disableExecuteApiEndpoint: true }, /disableExecuteApiEndpoint needs domainMapping/],
    [{ provisionedConcurrency: { Logout: 1 } }, /provisionedConcurrency must be of operations .*got: Logout/],
    [{ provisionedConcurrency: { GetArticles: 0 } }, /provisionedConcurrency.GetArticles .*at least 1, got: 0/],
    [{ keyRotation: Duration.hours(1) }, /keyRotation must be whole days from 1 to 1000, got: 0\.04/],
    [{ keyRotation: Duration.days(1001) }, /keyRotation.*got: 1001/],
  ])('refuses %j by name, bound and value', (props, message) => {
    expect(() => synthesize(props)).toThrow(message);
  });

  test('takes tokens for its numbers', () => {
    const three = Lazy.number({ produce: () => 3 });
    const { template } = synthesize({
      tokenLifetime: Duration.seconds(three),
      keyRotation: Duration.days(three),
      passwordMinimumLength: three,
      passwordMemorySize: Lazy.number({ produce: () => 300 }),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Register',
      MemorySize: 300,
      Environment: { Variables: { TOKEN_LIFETIME_SECONDS: '3', PASSWORD_MINIMUM_LENGTH: '3' } },
    });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', {
      RotationRules: { AutomaticallyAfterDays: 3 },
    });
  });

  test('puts the keys of both tables on each BatchGetItem of an endpoint that may read both in one call', () => {
    const batches = statementsOf(plain.template, 'GetArticle').filter(
      (statement) => statement.Action === 'dynamodb:BatchGetItem',
    );
    const keys = batches.map((batch) => batch.Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].sort());
    expect(keys).toEqual([
      ['ARTICLE#*', 'AUTHOR#*', 'FAVORITES#*', 'FOLLOWS#*', 'JWKS', 'SLUG#*', 'USER#*'],
      ['ARTICLE#*', 'AUTHOR#*', 'FAVORITES#*', 'FOLLOWS#*', 'JWKS', 'SLUG#*', 'USER#*'],
    ]);
    expect(new Set(batches.map((batch) => JSON.stringify(batch.Resource))).size).toBe(2);
    for (const { Condition: condition } of batches) {
      expect(condition).toMatchObject({ Null: { 'dynamodb:LeadingKeys': 'false' } });
    }
  });

  test('keeps sandboxes ready on an alias that the route calls', () => {
    const stack = new Stack(new App(), 'Stack');
    const api = new RealWorldApi(stack, 'Api', { provisionedConcurrency: { GetArticles: 5 } });
    const template = Template.fromStack(stack);
    const [alias] = Object.keys(
      template.findResources('AWS::Lambda::Alias', {
        Properties: { Name: 'live', ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 5 } },
      }),
    );
    template.resourceCountIs('AWS::Lambda::Alias', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Integration', { IntegrationUri: { Ref: alias } });
    template.hasResourceProperties('AWS::Lambda::Permission', { FunctionName: { Ref: alias } });
    const uris = Object.values(template.findResources('AWS::ApiGatewayV2::Integration')).map((integration) =>
      JSON.stringify((integration as { Properties: { IntegrationUri: unknown } }).Properties.IntegrationUri),
    );
    expect(uris).not.toContain(JSON.stringify(stack.resolve(api.functions.GetArticles.functionArn)));
  });

  test('lists lay over what the clean-up may not have done yet, or the feed where that is allowed more', () => {
    const windowOf = (make: (stack: Stack) => RealWorldApi) => {
      const stack = new Stack(new App(), 'Stack');
      make(stack);
      const functions = Object.entries(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
      const [, list] = functions.find(([id]) => /^ApiGetArticles[0-9A-F]{8}$/.test(id)) ?? [];
      return (list as { Properties: { Environment: { Variables: Record<string, string> } } }).Properties.Environment
        .Variables.CLEAN_UP_WINDOW_SECONDS;
    };
    expect(windowOf((stack) => new RealWorldApi(stack, 'Api'))).toBe('240');
    const lagging = (stack: Stack) => new FeedFanout(stack, 'Feed', { maxLag: Duration.minutes(10) });
    expect(windowOf((stack) => new RealWorldApi(stack, 'Api', { feed: lagging(stack) }))).toBe('705');
    const imported = (stack: Stack) => {
      const table = new SocialTable(stack, 'Table');
      const feedTable = new FeedFanout(stack, 'Other').feedTable;
      const overlayWindow = Duration.seconds(Lazy.number({ produce: () => 7 }));
      return FeedFanout.fromFeedFanoutAttributes(stack, 'Feed', { table, feedTable, overlayWindow });
    };
    expect(windowOf((stack) => new RealWorldApi(stack, 'Api', { feed: imported(stack) }))).toBe('240');
  });

  test('alarms when a message for clean-up is older than the window of lists allows', () => {
    const { api, template } = plain;
    const { visibilityTimeout } = api.cleanUpQueue.node.defaultChild as sqs.CfnQueue;
    expect(visibilityTimeout).toBe(120);
    // It waits, fails once, comes again and takes its whole time; before that, the router has its own.
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 15 + 120 + 60,
      MetricName: 'ApproximateAgeOfOldestMessage',
    });
  });

  test('lets the clean-up reach what it reads and writes, and nothing else', () => {
    const rights = statementsOf(plain.template, 'CleanUpFunction').flatMap(({ Action, Condition }) =>
      [Action]
        .flat()
        .filter((action) => action.startsWith('dynamodb:'))
        .map((action) => [
          action.slice('dynamodb:'.length),
          Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'].sort(),
        ]),
    );
    expect(Object.fromEntries(rights)).toEqual({
      BatchGetItem: ['AUTHOR#*', 'TAGS#*'],
      BatchWriteItem: [
        'ARTICLE#*',
        'ARTICLE_TAG#*',
        'AUTHOR_TAG#*',
        'COMMENTS#*',
        'FAVORITED_BY#*',
        'FAVORITES#*',
        'TIMELINE#*',
      ],
      DeleteItem: ['TAGS#*'],
      Query: ['COMMENTS#*', 'FAVORITED_BY#*'],
    });
  });

  test('alarms on what a user or an operator would notice', () => {
    const { template, api } = synthesize({
      alarmThresholds: { serverErrors: { Warning: 1, Critical: 10 }, latency: {}, functionErrors: { Critical: 2 } },
    });
    expect(Object.keys(api.alarms)).toEqual([
      'ServerErrorWarningAlarm',
      'ServerErrorAlarm',
      'CleanUpLagAlarm',
      'CleanUpDeadLetterAlarm',
      'FunctionErrorAlarm',
      'FunctionThrottleAlarm',
    ]);
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: '5xx', Threshold: 10, Statistic: 'Sum' });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 195,
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Threshold: 2,
      Metrics: Match.arrayWith([Match.objectLike({ Expression: 'FILL(m0, 0) + FILL(m1, 0)' })]),
    });
  });

  test('tells one topic of all alarms, its feed included; alarms: false makes none', () => {
    const stack = new Stack(new App(), 'Stack');
    new RealWorldApi(stack, 'Api', { alarmTopic: new sns.Topic(stack, 'Topic') });
    const alarms = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(10);
    for (const alarm of alarms) {
      expect(alarm).toMatchObject({ Properties: { AlarmActions: [expect.anything()] } });
    }
    synthesize({ alarms: false }).template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });

  test('uses tables and signing key of before, with the keys that encrypt them, and makes none', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = (id: string) =>
      dynamodb.Table.fromTableAttributes(stack, id, {
        tableName: id.toLowerCase(),
        encryptionKey: kms.Key.fromKeyArn(stack, `${id}Key`, `arn:aws:kms:eu-west-1:111111111111:key/${id}`),
      });
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:signing-AbCdEf';
    const api = new RealWorldApi(stack, 'Api', {
      table: SocialTable.fromSocialTableAttributes(stack, 'Social', {
        tableArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/social',
        tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/social/stream/1',
      }),
      accountsTable: table('Accounts'),
      feedTable: table('Feeds'),
      signingKey: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Signing', secretArn),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    template.hasResourceProperties('Custom::JwtKeyPair', { SecretArn: secretArn, TableName: 'accounts' });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: secretArn });
    expect(api.accountsTable.tableName).toBe('accounts');
    expect(api.feed.feedTable.tableName).toBe('feeds');
    const login = statementsOf(template, 'Login');
    expect(login).toContainEqual(
      expect.objectContaining({
        Action: expect.arrayContaining(['kms:Decrypt']) as unknown,
        Resource: 'arn:aws:kms:eu-west-1:111111111111:key/Accounts',
      }),
    );
    expect(() => new RealWorldApi(stack, 'B', { feed: api.feed, feedTable: table('Other') })).toThrow(
      'Either provide feed or feedTable, but not both',
    );
  });

  test('shares table, feed and clean-up with another API', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const first = new RealWorldApi(stack, 'First');
    const second = new RealWorldApi(stack, 'Second', { table: first.table, feed: first.feed });
    expect(second.cleanUp).toBe(first.cleanUp);
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 4);
  });

  test('on a table that has a FeedFanout says that it is to be used', () => {
    const stack = new Stack(new App(), 'Stack');
    const { table } = new RealWorldApi(stack, 'First');
    expect(() => new RealWorldApi(stack, 'Second', { table })).toThrow(
      'table takes one FeedFanout: use the one it has, got another for Stack/First/Table [at Stack/Second/Feed]',
    );
  });

  test('answers under its domain, and there alone where that is asked', () => {
    const stack = new Stack(new App(), 'Stack');
    const domainName = apigatewayv2.DomainName.fromDomainNameAttributes(stack, 'Domain', {
      name: 'api.example.com',
      regionalDomainName: 'd-1.execute-api.eu-west-1.amazonaws.com',
      regionalHostedZoneId: 'Z1',
    });
    const api = new RealWorldApi(stack, 'Api', {
      apiName: 'conduit',
      domainMapping: { domainName },
      disableExecuteApiEndpoint: true,
    });
    expect([api.url, api.docsUrl]).toEqual(['https://api.example.com/api', 'https://api.example.com/docs']);
    Template.fromStack(stack).hasResourceProperties('AWS::ApiGatewayV2::Api', {
      Name: 'conduit',
      DisableExecuteApiEndpoint: true,
    });
  });

  test('verifies tokens for routes of the user by one function with the rights that takes', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const api = new RealWorldApi(stack, 'Api');
    const mine = new lambda.Function(stack, 'Mine', {
      code: lambda.Code.fromInline('exports.handler = async () => ({ statusCode: 200 })'),
      handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X,
    });
    const integration = new HttpLambdaIntegration('Mine', mine);
    for (const path of ['/mine', '/mine/too']) {
      api.httpApi.addRoutes({ path, integration, authorizer: api.authorizer() });
    }
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApiGatewayV2::Authorizer', 1);
    template.hasResourceProperties('AWS::ApiGatewayV2::Authorizer', {
      AuthorizerType: 'REQUEST',
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.header.Authorization'],
    });
    template.hasResourceProperties('AWS::ApiGatewayV2::Route', { RouteKey: 'ANY /mine', AuthorizationType: 'CUSTOM' });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'Verifies tokens for routes besides those of the API',
      Environment: {
        Variables: {
          TABLE_NAME: stack.resolve(api.table.tableName) as unknown,
          ACCOUNTS_TABLE_NAME: stack.resolve(api.accountsTable.tableName) as unknown,
        },
      },
    });
    const statements = statementsOf(template, 'TokenAuthorizerFunction').filter(
      ({ Action: action }) => !JSON.stringify(action).includes('logs:'),
    );
    expect(statements).toMatchObject(
      [api.table.tableArn, api.accountsTable.tableArn].map((arn) => ({
        Action: 'dynamodb:BatchGetItem',
        Resource: stack.resolve(arn) as unknown,
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': expect.arrayContaining(['USER#*', 'JWKS']) },
        },
      })),
    );
  });

  test('imported has addresses and metrics', () => {
    const stack = new Stack(new App(), 'Stack');
    const cleanUpQueue = sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:eu-west-1:111111111111:clean-up');
    const api = RealWorldApi.fromRealWorldApiAttributes(stack, 'Api', {
      httpApiId: 'abc',
      url: 'https://api.example.com/api',
      cleanUpQueue,
    });
    expect(api.docsUrl).toBe('https://api.example.com/docs');
    expect(api.metricServerError()).toMatchObject({ metricName: '5xx', dimensions: { ApiId: 'abc' } });
    expect(api.metricCleanUpLag()).toMatchObject({ metricName: 'ApproximateAgeOfOldestMessage' });
    expect(() => api.metricCleanUpDeadLetters()).toThrow('needs cleanUpDeadLetterQueue: give it to fromRealWorldApi');
  });

  test('says where it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const api = new RealWorldApi(stack, 'Api');
    expect(JSON.stringify(stack.resolve(api.url))).toMatch(/ApiEndpoint.*\/api/);
    expect(JSON.stringify(stack.resolve(api.docsUrl))).toMatch(/ApiEndpoint.*\/docs/);
  });
});
