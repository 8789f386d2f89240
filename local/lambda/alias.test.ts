import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { Stack } from 'aws-cdk-lib';
import { CfnStage, HttpApi, HttpMethod } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { BackupPlan, BackupResource } from 'aws-cdk-lib/aws-backup';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Alias, CfnPermission, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { synthesize } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

/** What a service with capacity of its own synthesizes: aliases, provisioned tables, scaling and backups. */

const CODE = 'exports.handler = async () => ({ from: process.env.AWS_LAMBDA_FUNCTION_NAME });';

async function withApp(change: (stack: Stack) => void, work: (app: RunningApp) => Promise<void>): Promise<void> {
  const assembly = synthesize((cdk, code) => {
    const stack = new Stack(cdk, 'App');
    const handler = new LambdaFunction(stack, 'Handler', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromAsset(code({ 'index.js': CODE })),
    });
    const alias = new Alias(stack, 'Live', {
      aliasName: 'live',
      version: handler.currentVersion,
      provisionedConcurrentExecutions: 1,
    });
    alias.addAutoScaling({ minCapacity: 1, maxCapacity: 3 }).scaleOnUtilization({ utilizationTarget: 0.5 });
    const api = new HttpApi(stack, 'Http');
    const integration = new HttpLambdaIntegration('Integration', alias);
    api.addRoutes({ path: '/x', methods: [HttpMethod.GET], integration });
    const table = new Table(stack, 'Table', {
      partitionKey: { name: 'PK', type: AttributeType.STRING },
      readCapacity: 2,
      writeCapacity: 2,
    });
    table
      .autoScaleReadCapacity({ minCapacity: 1, maxCapacity: 5 })
      .scaleOnUtilization({ targetUtilizationPercent: 70 });
    const plan = BackupPlan.dailyWeeklyMonthly5YearRetention(stack, 'Plan');
    plan.addSelection('Tables', { resources: [BackupResource.fromDynamoDbTable(table)] });
    change(stack);
  });
  try {
    const app = await startApp({ assembly: assembly.directory, port: 0 });
    try {
      await work(app);
    } finally {
      await app.close();
    }
  } finally {
    assembly.remove();
  }
}

const get = async (app: RunningApp): Promise<[number, unknown]> => {
  const response = await fetch(`${app.urls[0]?.url ?? ''}/x`);
  return [response.status, await response.json()];
};

test('a route calls an alias, beside a provisioned table, scaling and backups', async () => {
  await withApp(
    () => undefined,
    async (app) => {
      expect(await get(app)).toEqual([200, { from: app.physicalId('App/Handler') }]);
      const { endpoint, region, credentials } = app.aws;
      const client = new DynamoDBClient({ endpoint, region, credentials });
      const key = { PK: { S: 'none' } };
      const { Item } = await client.send(new GetItemCommand({ TableName: app.physicalId('App/Table'), Key: key }));
      client.destroy();
      expect(Item).toBeUndefined();
      const inert = app.resources.filter((resource) => resource.inert).map(({ type }) => type);
      expect([...new Set(inert)].sort()).toEqual(
        expect.arrayContaining([
          'AWS::ApplicationAutoScaling::ScalableTarget',
          'AWS::ApplicationAutoScaling::ScalingPolicy',
          'AWS::Backup::BackupPlan',
          'AWS::Backup::BackupSelection',
          'AWS::Backup::BackupVault',
        ]),
      );
    },
  );
}, 60_000);

test('a permission of the function is none of its alias', async () => {
  const ofFunction = (stack: Stack): void => {
    const handler = stack.node.findChild('Handler') as LambdaFunction;
    for (const permission of stack.node.findAll().filter((one) => one instanceof CfnPermission)) {
      permission.functionName = handler.functionName;
    }
  };
  await withApp(ofFunction, async (app) => {
    expect(await get(app)).toEqual([500, { message: 'Internal Server Error' }]);
  });
}, 60_000);

test('settings of a route that is not there fail the start', async () => {
  const settings = (stack: Stack): void => {
    const stage = stack.node.findAll().find((one) => one instanceof CfnStage);
    stage?.addPropertyOverride('RouteSettings', { 'GET /y': { ThrottlingBurstLimit: 1 } });
  };
  await expect(withApp(settings, async () => undefined)).rejects.toThrow(
    'unable to find route by key GET /y within RouteSettings',
  );
}, 60_000);
