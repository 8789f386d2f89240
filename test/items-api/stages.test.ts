import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as logs from 'aws-cdk-lib/aws-logs';
import { functionOf, onlyOne, type Resource, resourcesOf, synthesize } from './synthesized';
import { type ItemsApiProps, ServiceAuthorizer, ServiceStage, TableBilling } from '../../src';
import { ITEMS_ENDPOINTS } from '../../src/items-api/contract';

/** The templates of stages without other props, which are looked at often. */
const ofStages = new Map<ServiceStage, Template>();
function made(props: ItemsApiProps = {}): Template {
  const { stage, ...others } = props;
  if (!stage || Object.keys(others).length > 0) return synthesize(props).template;
  const template = ofStages.get(stage) ?? synthesize(props).template;
  ofStages.set(stage, template);
  return template;
}
const tableOf = (props: ItemsApiProps = {}): Resource => onlyOne(made(props), 'AWS::DynamoDB::Table');
const { DEV, TEST, PROD } = ServiceStage;
const STAGES = [DEV, TEST, PROD].map((stage) => [stage.name, stage] as const);

describe('data', () => {
  test.each([
    ['dev', DEV, 'Delete', false],
    ['test', TEST, 'Delete', false],
    ['prod', PROD, 'Retain', true],
    ['staging', ServiceStage.of('staging'), 'Retain', true],
  ] as const)('of %s, where its stack goes: %#', (_, stage, policy, isProtected) => {
    const { DeletionPolicy, Properties } = tableOf({ stage });
    expect([DeletionPolicy, Properties.DeletionProtectionEnabled]).toEqual([policy, isProtected]);
    expect(Properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
  });

  test('is kept where no stage is named', () => {
    const { DeletionPolicy, Properties } = tableOf();
    expect([DeletionPolicy, Properties.DeletionProtectionEnabled]).toEqual(['Retain', true]);
  });

  test('goes by what is said for it, whatever the stage', () => {
    const prod = tableOf({ stage: PROD, removalPolicy: RemovalPolicy.DESTROY });
    expect([prod.DeletionPolicy, prod.Properties.DeletionProtectionEnabled]).toEqual(['Delete', false]);
    const dev = tableOf({ stage: DEV, removalPolicy: RemovalPolicy.RETAIN });
    expect([dev.DeletionPolicy, dev.Properties.DeletionProtectionEnabled]).toEqual(['Retain', true]);
    expect(tableOf({ stage: DEV, deletionProtection: true }).Properties.DeletionProtectionEnabled).toBe(true);
  });
});

describe('capacity', () => {
  test.each([
    ['dev', DEV],
    ['test', TEST],
  ])('of %s is paid for by the request', (_, stage) => {
    const template = made({ stage });
    expect(onlyOne(template, 'AWS::DynamoDB::Table').Properties.BillingMode).toBe('PAY_PER_REQUEST');
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 0);
    template.resourceCountIs('AWS::Lambda::Alias', 0);
  });

  test('of prod is paid for by the hour and scales, of the table and of each index', () => {
    const template = made({ stage: PROD });
    const { Properties } = onlyOne(template, 'AWS::DynamoDB::Table');
    const five = { ReadCapacityUnits: 5, WriteCapacityUnits: 5 };
    expect(Properties).not.toHaveProperty('BillingMode', 'PAY_PER_REQUEST');
    expect(Properties.ProvisionedThroughput).toEqual(five);
    expect(Properties.GlobalSecondaryIndexes).toEqual([
      expect.objectContaining({ ProvisionedThroughput: five }),
      expect.objectContaining({ ProvisionedThroughput: five }),
    ]);
    const targets = Object.values(resourcesOf(template, 'AWS::ApplicationAutoScaling::ScalableTarget'));
    expect(targets).toHaveLength(6);
    for (const target of targets) expect(target.Properties).toMatchObject({ MinCapacity: 5, MaxCapacity: 1000 });
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 6);
  });

  test('is what a prop says, whatever the stage', () => {
    const { Properties } = tableOf({ stage: PROD, billing: TableBilling.onDemand() });
    expect(Properties.BillingMode).toBe('PAY_PER_REQUEST');
  });
});

describe('functions', () => {
  test.each(STAGES)('of %s: 1,024 MB and 30 s, and the health check 128 MB and 3 s', (_, stage) => {
    const template = made({ stage });
    for (const operation of Object.keys(ITEMS_ENDPOINTS)) {
      const expected = operation === 'GetHealth' ? { MemorySize: 128, Timeout: 3 } : { MemorySize: 1024, Timeout: 30 };
      expect(functionOf(template, operation)).toMatchObject(expected);
    }
    expect(functionOf(template, 'GetHealth').Environment).toMatchObject({
      Variables: { SERVICE_ENVIRONMENT: stage.name },
    });
  });

  test.each([
    ['dev', DEV, 7],
    ['test', TEST, 14],
    ['prod', PROD, 365],
  ] as const)('of %s keep their logs for days: %#', (_, stage, days) => {
    const groups = Object.values(resourcesOf(made({ stage }), 'AWS::Logs::LogGroup'));
    expect(groups.length).toBeGreaterThan(10);
    expect([...new Set(groups.map(({ Properties }) => Properties.RetentionInDays))]).toEqual([days]);
  });

  test('of prod keep a sandbox ready for what is asked most', () => {
    const aliases = Object.entries(resourcesOf(made({ stage: PROD }), 'AWS::Lambda::Alias'));
    expect(aliases.map(([id]) => id.replace(/^ApiService|Live.*$/g, '')).sort()).toEqual([
      'CreateItem',
      'GetItem',
      'ListItems',
    ]);
    for (const [, { Properties }] of aliases) {
      expect(Properties.ProvisionedConcurrencyConfig).toEqual({ ProvisionedConcurrentExecutions: 1 });
    }
  });

  test('are as a stage of one’s own says', () => {
    const stage = PROD.with({
      memorySize: 512,
      healthMemorySize: 256,
      timeout: Duration.seconds(20),
      healthTimeout: Duration.seconds(2),
      logRetention: logs.RetentionDays.TEN_YEARS,
      provisionedConcurrency: { GetUser: 4 },
      reservedConcurrency: { CreateItem: 50, GetHealth: 5 },
    });
    const template = made({ stage });
    expect(functionOf(template, 'GetItem')).toMatchObject({ MemorySize: 512, Timeout: 20 });
    expect(functionOf(template, 'GetItem')).not.toHaveProperty('ReservedConcurrentExecutions');
    expect(functionOf(template, 'CreateItem')).toMatchObject({ ReservedConcurrentExecutions: 50 });
    expect(functionOf(template, 'GetHealth')).toMatchObject({
      MemorySize: 256,
      Timeout: 2,
      ReservedConcurrentExecutions: 5,
    });
    expect(Object.keys(resourcesOf(template, 'AWS::Lambda::Alias'))).toEqual([expect.stringContaining('GetUserLive')]);
    expect(stage.name).toBe('prod');
    expect(PROD.settings.memorySize).toBeUndefined();
  });

  test('are as a prop says, whatever the stage', () => {
    const template = made({
      stage: PROD,
      memorySize: 256,
      timeout: Duration.seconds(5),
      logRetention: logs.RetentionDays.ONE_DAY,
      functions: { GetHealth: { memorySize: 192 }, GetItem: { provisionedConcurrentExecutions: 9 } },
    });
    expect(functionOf(template, 'GetUser')).toMatchObject({ MemorySize: 256, Timeout: 5 });
    expect(functionOf(template, 'GetHealth')).toMatchObject({ MemorySize: 192, Timeout: 3 });
    template.hasResourceProperties('AWS::Lambda::Alias', {
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 9 },
    });
    template.allResourcesProperties('AWS::Logs::LogGroup', { RetentionInDays: 1 });
  });
});

describe('a stage', () => {
  test.each(STAGES)('is known by its name: %s', (name, stage) => {
    expect(ServiceStage.named(name)).toBe(stage);
  });

  test.each(['production', '', 'PROD', 'toString'])('of the name "%s" is none of the three', (name) => {
    expect(() => ServiceStage.named(name)).toThrow(`stage must be one of dev, test, prod, got: ${name}`);
  });

  test.each(['', 'Prod', '1st', 'a b', 'x'.repeat(64)])('may not be called "%s"', (name) => {
    expect(() => ServiceStage.of(name)).toThrow('stage must have a name of lower-case letters, digits and hyphens');
  });

  test.each([
    [{ provisionedConcurrency: { GetAll: 1 } }, 'provisionedConcurrency of stage own must be of operations'],
    [{ reservedConcurrency: { GetAll: 1 } }, 'reservedConcurrency of stage own must be of operations'],
    [{ provisionedConcurrency: { GetItem: 0 } }, 'provisionedConcurrency.GetItem of stage own must be an integer'],
    [{ timeout: Duration.seconds(31) }, 'timeout must be whole seconds from 1 to 30, got: 31'],
    [{ healthMemorySize: 64 }, 'memorySize must be an integer from 128 to 10240, got: 64'],
  ])('with what AWS would refuse is refused: %#', (settings, message) => {
    expect(() => made({ stage: ServiceStage.of('own', settings) })).toThrow(message);
  });
});

describe('pages of other origins', () => {
  test('may call it, without credentials of the browser', () => {
    const { Properties } = onlyOne(made({ authorizer: ServiceAuthorizer.iam() }), 'AWS::ApiGatewayV2::Api');
    expect(Properties.CorsConfiguration).toMatchObject({ AllowOrigins: ['*'] });
    expect(Properties.CorsConfiguration).not.toHaveProperty('AllowCredentials', true);
  });

  test('may send credentials where they are named, and never where any may call', () => {
    expect(() => made({ corsAllowCredentials: true })).toThrow('corsAllowCredentials needs corsAllowOrigins by name');
    const named = { corsAllowCredentials: true, corsAllowOrigins: ['https://example.com'] };
    expect(onlyOne(made(named), 'AWS::ApiGatewayV2::Api').Properties.CorsConfiguration).toMatchObject({
      AllowCredentials: true,
      AllowOrigins: ['https://example.com'],
    });
  });
});
