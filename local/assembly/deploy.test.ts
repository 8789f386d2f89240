import { CfnCondition, CfnOutput, CfnResource, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { DeployedResource, ResourceProvider } from '../types';
import { deploy, Deployment } from './deploy';
import { readAssembly } from './manifest';
import { synthesize, TestAssembly } from './test-assembly';

const made: TestAssembly[] = [];
afterEach(() => made.splice(0).forEach((assembly) => assembly.remove()));

/** Makes queues by remembering them. */
class FakeQueues implements ResourceProvider {
  public readonly types = ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'];
  public readonly created: DeployedResource[] = [];

  public async create(resource: DeployedResource): Promise<{ ref: string; attributes: Record<string, unknown> }> {
    this.created.push(resource);
    return { ref: `url:${resource.logicalId}`, attributes: { Arn: `arn:${resource.logicalId}` } };
  }
}

async function run(
  define: Parameters<typeof synthesize>[0],
): Promise<Deployment & { readonly queues: readonly DeployedResource[] }> {
  const assembly = synthesize(define);
  made.push(assembly);
  const queues = new FakeQueues();
  const options = { region: 'us-east-1', accountId: '000000000000', providers: [queues] };
  return { ...(await deploy(readAssembly(assembly.directory), options)), queues: queues.created };
}

test('a stack gets what another one exports, whichever is defined first', async () => {
  const { outputs, queues } = await run((app) => {
    const reader = new Stack(app, 'A-Reader');
    const writer = new Stack(app, 'Z-Writer');
    const queue = new Queue(writer, 'Jobs');
    new CfnOutput(reader, 'Arn', { value: queue.queueArn });
  });
  expect(outputs['A-Reader']).toEqual({ Arn: `arn:${queues[0]?.logicalId}` });
});

test('resources come after what they refer to and depend on', async () => {
  const { queues } = await run((app) => {
    const stack = new Stack(app, 'S');
    const first = new CfnQueue(stack, 'First');
    const second = new CfnQueue(stack, 'Second', { queueName: Fn.ref('Third') });
    new CfnQueue(stack, 'Third', { queueName: Fn.sub('${Fourth.Arn}') });
    new CfnQueue(stack, 'Fourth');
    first.addResourceDependency(second);
  });
  expect(queues.map(({ logicalId }) => logicalId)).toEqual(['Fourth', 'Third', 'Second', 'First']);
  expect(queues[2]?.properties).toEqual({ QueueName: 'url:Third' });
});

test('a circle of resources is named', async () => {
  const running = run((app) => {
    const stack = new Stack(app, 'S');
    new CfnQueue(stack, 'One', { queueName: Fn.ref('Two') });
    new CfnQueue(stack, 'Two', { queueName: Fn.ref('One') });
  });
  await expect(running).rejects.toThrow('S: resources depend on each other in a circle: One -> Two -> One');
});

test('a resource whose condition is false is left out', async () => {
  const { queues } = await run((app) => {
    const stack = new Stack(app, 'S');
    const never = new CfnCondition(stack, 'Never', { expression: Fn.conditionEquals('a', 'b') });
    new CfnQueue(stack, 'Left').cfnOptions.condition = never;
    new CfnQueue(stack, 'Kept');
  });
  expect(queues.map(({ logicalId }) => logicalId)).toEqual(['Kept']);
});

test('an unknown resource type is refused by name before anything is made', async () => {
  const assembly = synthesize((app) => {
    const stack = new Stack(app, 'S');
    new CfnQueue(stack, 'Kept');
    new CfnResource(stack, 'Bucket', { type: 'AWS::S3::Bucket' });
  });
  made.push(assembly);
  const queues = new FakeQueues();
  const options = { region: 'us-east-1', accountId: '000000000000', providers: [queues] };
  await expect(deploy(readAssembly(assembly.directory), options)).rejects.toThrow(
    'S/Bucket: resource type AWS::S3::Bucket is not supported here',
  );
  expect(queues.created).toEqual([]);
});

test('stages and nested stacks are part of the app, with construct paths', async () => {
  const { resources, outputs } = await run((app) => {
    const stack = new Stack(new Stage(app, 'Dev'), 'S');
    const nested = new NestedStack(stack, 'N');
    const queue = new Queue(nested, 'Q');
    new Queue(stack, 'Own');
    new CfnOutput(stack, 'Arn', { value: queue.queueArn });
  });
  const queues = resources.filter(({ type }) => type === 'AWS::SQS::Queue');
  expect(queues).toHaveLength(2);
  expect(queues.map(({ path }) => path)).toContain('Dev/S/Own/Resource');
  expect(outputs['Dev-S']?.Arn).toMatch(/^arn:Q/);
});

test('an alarm is accepted, inert and has an ARN', async () => {
  const { resources, outputs } = await run((app) => {
    const stack = new Stack(app, 'S');
    const metric = new Metric({ namespace: 'N', metricName: 'M' });
    const alarm = new Alarm(stack, 'Alarm', { metric, threshold: 1, evaluationPeriods: 1 });
    new CfnOutput(stack, 'Arn', { value: alarm.alarmArn });
  });
  expect(resources).toMatchObject([{ type: 'AWS::CloudWatch::Alarm', inert: true }]);
  expect(outputs.S?.Arn).toMatch(/^arn:aws:cloudwatch:us-east-1:000000000000:alarm:S-Alarm/);
});

test('a folder without an assembly says what to do', () => {
  expect(() => readAssembly('/nonexistent/cdk.out')).toThrow(
    'no cloud assembly in /nonexistent/cdk.out (no manifest.json): run `npx cdk synth` first, or use --app FOLDER',
  );
});
