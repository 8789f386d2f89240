import { App, CfnParameter, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { make, someRole, statementsOf, tableOf } from './support/social-table';
import { SocialEvent, SocialTable, TableBilling } from '../src/social-table';

process.env.CDK_VALIDATION = 'false';

describe('SocialTable without props', () => {
  const { stack } = make();
  const { Properties: properties, DeletionPolicy: deletionPolicy } = tableOf(stack);

  test('is on demand, keyed by PK and SK, with four overloaded indexes of all attributes', () => {
    expect(properties.BillingMode).toBe('PAY_PER_REQUEST');
    expect(properties.KeySchema).toEqual([
      { AttributeName: 'PK', KeyType: 'HASH' },
      { AttributeName: 'SK', KeyType: 'RANGE' },
    ]);
    expect(properties.GlobalSecondaryIndexes).toEqual(
      [1, 2, 3, 4].map((n) => ({
        IndexName: `GSI${n}`,
        KeySchema: [
          { AttributeName: `GSI${n}PK`, KeyType: 'HASH' },
          { AttributeName: `GSI${n}SK`, KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      })),
    );
  });

  test('streams both images, expires items, and has no fixed name', () => {
    expect(properties.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    expect(properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
    expect(properties).not.toHaveProperty('TableName');
  });

  test('keeps its data: retained, protected, recoverable, encrypted', () => {
    expect(deletionPolicy).toBe('Retain');
    expect(properties.DeletionProtectionEnabled).toBe(true);
    expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(properties.SSESpecification).toEqual({ SSEEnabled: true });
  });

  test('makes no function and no queue until someone consumes the stream', () => {
    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
    Template.fromStack(stack).resourceCountIs('AWS::SQS::Queue', 0);
  });
});

describe('SocialTable props', () => {
  test('removalPolicy DESTROY lifts the deletion protection, unless it is asked for', () => {
    const destroyed = tableOf(make({ removalPolicy: RemovalPolicy.DESTROY }).stack);
    expect(destroyed.DeletionPolicy).toBe('Delete');
    expect(destroyed.Properties.DeletionProtectionEnabled).toBe(false);
    const kept = tableOf(make({ removalPolicy: RemovalPolicy.DESTROY, deletionProtection: true }).stack);
    expect(kept.Properties.DeletionProtectionEnabled).toBe(true);
  });

  test('stream and pointInTimeRecovery can be turned off', () => {
    const { Properties: properties } = tableOf(make({ stream: false, pointInTimeRecovery: false }).stack);
    expect(properties).not.toHaveProperty('StreamSpecification');
    expect(properties.PointInTimeRecoverySpecification).toEqual({ PointInTimeRecoveryEnabled: false });
  });

  test('on-demand limits hold for the table and each index', () => {
    const { Properties: properties } = tableOf(
      make({ billing: TableBilling.onDemand({ maxReadRequestUnits: 500, maxWriteRequestUnits: 100 }) }).stack,
    );
    const limits = { MaxReadRequestUnits: 500, MaxWriteRequestUnits: 100 };
    expect(properties.OnDemandThroughput).toEqual(limits);
    for (const index of properties.GlobalSecondaryIndexes as Record<string, unknown>[]) {
      expect(index.OnDemandThroughput).toEqual(limits);
    }
  });

  test('provisioned capacity scales on the table and each index', () => {
    const { stack } = make({
      billing: TableBilling.provisioned({
        read: { minCapacity: 5, maxCapacity: 50 },
        write: { minCapacity: 2, maxCapacity: 20, targetUtilizationPercent: 80 },
      }),
    });
    const { Properties: properties } = tableOf(stack);
    expect(properties.ProvisionedThroughput).toEqual({ ReadCapacityUnits: 5, WriteCapacityUnits: 2 });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 10);
    const targets = Object.values(template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy')).map(
      (policy) =>
        (policy as { Properties: { TargetTrackingScalingPolicyConfiguration: { TargetValue: number } } }).Properties
          .TargetTrackingScalingPolicyConfiguration.TargetValue,
    );
    expect(targets.sort()).toEqual([70, 70, 70, 70, 70, 80, 80, 80, 80, 80]);
  });

  test('the number of indexes can be another, and grants and metrics follow it', () => {
    const { stack, table } = make({ indexCount: 1, tableName: 'mine' });
    table.grantReadData(someRole(stack));
    const { Properties: properties } = tableOf(stack);
    expect(properties.TableName).toBe('mine');
    expect(properties.GlobalSecondaryIndexes).toMatchObject([{ IndexName: 'GSI1' }]);
    expect(statementsOf(stack, 'Someone')?.[0].Resource).toHaveLength(2);
    expect(() => table.metricForIndex('GSI2', 'ReadThrottleEvents')).toThrow('one of GSI1, got: GSI2');
    expect(tableOf(make({ indexCount: 0 }).stack).Properties).not.toHaveProperty('GlobalSecondaryIndexes');
    expect(() => make({ indexCount: 21 })).toThrow('indexCount must be an integer from 0 to 20, got: 21');
  });

  test('spreads what everybody writes over one partition, or over a power of two up to sixteen', () => {
    expect(make().table.writeShards).toBe(1);
    expect([1, 2, 4, 8, 16].map((writeShards) => make({ writeShards }).table.writeShards)).toEqual([1, 2, 4, 8, 16]);
    const bound = 'writeShards must be 1, 2, 4, 8 or 16, known at synth, got:';
    for (const writeShards of [0, 3, 32, 1.5, -1]) {
      expect(() => make({ writeShards })).toThrow(`${bound} ${writeShards}`);
    }
    const { stack } = make();
    expect(() => make({ writeShards: Lazy.number({ produce: () => 4 }) })).toThrow(`${bound} a token`);
    const tableName = 'theirs';
    const imported = (id: string, writeShards?: number) =>
      SocialTable.fromSocialTableAttributes(stack, id, { tableName, writeShards }).writeShards;
    expect([imported('One'), imported('Eight', 8)]).toEqual([1, 8]);
    expect(() => imported('Five', 5)).toThrow(`${bound} 5`);
  });

  test('applyRemovalPolicy is for the table', () => {
    const { stack, table } = make();
    table.applyRemovalPolicy(RemovalPolicy.DESTROY);
    expect(tableOf(stack).DeletionPolicy).toBe('Delete');
  });

  test('warm throughput is set where it is asked for', () => {
    const { Properties: properties } = tableOf(
      make({ warmThroughput: { readUnitsPerSecond: 20000, writeUnitsPerSecond: 10000 } }).stack,
    );
    expect(properties.WarmThroughput).toEqual({ ReadUnitsPerSecond: 20000, WriteUnitsPerSecond: 10000 });
    expect((properties.GlobalSecondaryIndexes as Record<string, unknown>[])[0]).not.toHaveProperty('WarmThroughput');
  });

  test('a customer managed key encrypts, and grants allow its use', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Social', { encryptionKey: new kms.Key(stack, 'Key') });
    table.grantOnKeys(someRole(stack), ['dynamodb:GetItem']);
    expect(tableOf(stack).Properties.SSESpecification).toMatchObject({ SSEType: 'KMS' });
    expect(statementsOf(stack, 'Someone')?.map((statement) => statement.Action)).toEqual([
      'kms:Decrypt',
      'dynamodb:GetItem',
    ]);
  });

  test.each<[string, () => unknown, string]>([
    [
      'limits',
      () => TableBilling.onDemand({ maxReadRequestUnits: 0 }),
      'billing.maxReadRequestUnits must be an integer at least 1, got: 0',
    ],
    [
      'target',
      () =>
        TableBilling.provisioned({
          read: { minCapacity: 1, maxCapacity: 2, targetUtilizationPercent: 95 },
          write: { minCapacity: 1, maxCapacity: 2 },
        }),
      'billing.read.targetUtilizationPercent must be an integer from 20 to 90, got: 95',
    ],
    [
      'order',
      () =>
        TableBilling.provisioned({
          read: { minCapacity: 1, maxCapacity: 2 },
          write: { minCapacity: 3, maxCapacity: 2 },
        }),
      'billing.write.minCapacity must not be above billing.write.maxCapacity (2), got: 3',
    ],
    [
      'warm throughput',
      () => make({ warmThroughput: { readUnitsPerSecond: 100 } }),
      'warmThroughput.readUnitsPerSecond must be an integer at least 12000, got: 100',
    ],
    ['empty warm throughput', () => make({ warmThroughput: {} }), 'warmThroughput must give readUnitsPerSecond or'],
  ])('%s out of bounds is an error that names prop, bound and value', (_, action, message) => {
    expect(action).toThrow(message);
  });

  test('tokens are left to CloudFormation', () => {
    const stack = new Stack(new App(), 'Stack');
    const max = new CfnParameter(stack, 'Max', { type: 'Number' });
    new SocialTable(stack, 'Social', { billing: TableBilling.onDemand({ maxReadRequestUnits: max.valueAsNumber }) });
    expect(tableOf(stack).Properties.OnDemandThroughput).toEqual({ MaxReadRequestUnits: { Ref: 'Max' } });
  });
});

describe('an imported SocialTable', () => {
  const arn = 'arn:aws:dynamodb:eu-west-1:111111111111:table/social';

  test('grants on what it was told of', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableArn: arn });
    table.grantReadData(someRole(stack));
    expect(table.tableName).toBe('social');
    expect(statementsOf(stack, 'Someone')?.[0].Resource).toEqual([
      arn,
      ...[1, 2, 3, 4].map((n) => `${arn}/index/GSI${n}`),
    ]);
  });

  test('feeds consumers where its stream is known, and says so where it is not', () => {
    const stack = new Stack(new App(), 'Stack');
    const events = [SocialEvent.FOLLOWED];
    SocialTable.fromSocialTableAttributes(stack, 'With', {
      tableArn: arn,
      tableStreamArn: `${arn}/stream/1`,
    }).addStreamConsumer('Feed', { events });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: `${arn}/stream/1`,
    });
    const without = SocialTable.fromSocialTableAttributes(stack, 'Without', { tableName: 'social' });
    expect(() => without.addStreamConsumer('Feed', { events })).toThrow(
      'give tableStreamArn where the table is imported',
    );
  });

  test.each([
    ['another table', { tableArn: arn, tableStreamArn: `${arn}2/stream/1` }, 'a stream of table social'],
    ['another table by name', { tableName: 'mine', tableStreamArn: `${arn}/stream/1` }, 'a stream of table mine'],
    ['no stream', { tableArn: arn, tableStreamArn: arn }, 'a stream of table social'],
    [
      'another account',
      { tableArn: arn, tableStreamArn: `${arn.replace('111111111111', '222222222222')}/stream/1` },
      `a stream of ${arn}`,
    ],
  ])('refuses the stream of %s', (_, attrs, message) => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Social', attrs)).toThrow(
      `tableStreamArn must be of ${message}, got: ${attrs.tableStreamArn}`,
    );
  });

  test('refuses a stream of another region than its stack, where that is known', () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'us-east-1', account: '111111111111' } });
    const attrs = { tableArn: arn, tableStreamArn: `${arn}/stream/1` };
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Social', attrs)).toThrow(
      'tableStreamArn must be in the region of the stack (us-east-1), got: arn:aws:dynamodb:eu-west-1',
    );
  });

  test('takes tokens for all that it is told', () => {
    const stack = new Stack(new App(), 'Stack');
    const [tableArn, tableStreamArn] = ['Arn', 'Stream'].map((id) => new CfnParameter(stack, id).valueAsString);
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableArn, tableStreamArn });
    expect(() => table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] })).not.toThrow();
  });

  test('is named by one of name and ARN', () => {
    const stack = new Stack(new App(), 'Stack');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'None', {})).toThrow('got: neither');
    expect(() => SocialTable.fromSocialTableAttributes(stack, 'Both', { tableName: 'social', tableArn: arn })).toThrow(
      'got: both',
    );
  });
});

test('the table is a plain table, usable as one', () => {
  const { table } = make();
  expect(table.table).toBeInstanceOf(dynamodb.Table);
});
