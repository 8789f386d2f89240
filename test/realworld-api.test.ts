import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as apigatewayv2 from 'aws-cdk-lib/aws-apigatewayv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { FeedFanout, RealWorldApi, SocialTable } from '../src';
import { synthesize } from './support/realworld-api';

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
      itemCacheTtl: Duration.seconds(0),
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
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: 'List articles, newest first',
      Environment: { Variables: { ITEM_CACHE_TTL_SECONDS: '0' } },
    });
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

  test.each([
    [{ passwordMinimumLength: 0 }, /passwordMinimumLength.*from 1 to 64, got: 0/],
    [{ passwordMinimumLength: 65 }, /passwordMinimumLength.*from 1 to 64, got: 65/],
    [{ throttlingRateLimit: 0 }, /throttlingRateLimit.*at least 1, got: 0/],
    [{ keyRotation: Duration.hours(36) }, /keyRotation must be whole days from 1 to 1000, got: 1\.5/],
    [{ tokenLifetime: Duration.seconds(0) }, /tokenLifetime must be whole seconds at least 1, got: 0/],
    [{ itemCacheTtl: Duration.seconds(61) }, /itemCacheTtl must be whole seconds from 0 to 60, got: 61/],
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
    expect(windowOf((stack) => new RealWorldApi(stack, 'Api', { feed: lagging(stack) }))).toBe('715');
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

  test('says where it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const api = new RealWorldApi(stack, 'Api');
    expect(JSON.stringify(stack.resolve(api.url))).toMatch(/ApiEndpoint.*\/api/);
    expect(JSON.stringify(stack.resolve(api.docsUrl))).toMatch(/ApiEndpoint.*\/docs/);
  });
});
