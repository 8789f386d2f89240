import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  FeedFanout,
  type FunctionOptions,
  RealWorldApi,
  SearchIndexPipeline,
  SearchIngestion,
  SocialEvent,
  SocialTable,
  type StatefulResourceOptions,
  TableMigration,
} from '../src';

interface Resource {
  readonly Properties: Record<string, unknown>;
}

const resources = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

/** Each construct that has functions or data, made with the same options. */
const CONSTRUCTS: [string, (stack: Stack, options: FunctionOptions & StatefulResourceOptions) => void][] = [
  [
    'SocialTable',
    (stack, { encryptionKey, encryption, ...routerOptions }) => {
      const table = new SocialTable(stack, 'It', { routerOptions, encryptionKey, encryption });
      table.addStreamConsumer('Mine', { events: [SocialEvent.FOLLOWED] });
    },
  ],
  [
    'TableMigration',
    (stack, { encryptionKey, encryption, ...options }) => {
      const table = new SocialTable(stack, 'Table', { encryptionKey, encryption });
      new TableMigration(stack, 'It', { table, ...options });
    },
  ],
  ['FeedFanout', (stack, options) => new FeedFanout(stack, 'It', options)],
  ['RealWorldApi', (stack, options) => new RealWorldApi(stack, 'It', options)],
  [
    'SearchIndexPipeline',
    (stack, options) => new SearchIndexPipeline(stack, 'It', { ...options, ingestion: SearchIngestion.lambda() }),
  ],
];

/** What functions of this library are called in their log lines. */
const SERVICES = ['auth', 'feed-fanout', 'realworld-api', 'search-index-pipeline', 'social-table'];

describe.each(CONSTRUCTS)('the functions of %s', (_, make) => {
  const servicesOf = (options: FunctionOptions) => {
    const stack = new Stack(new App(), 'Stack');
    make(stack, options);
    const functions = resources(Template.fromStack(stack), 'AWS::Lambda::Function');
    return functions.map(([, { Properties: properties }]) => {
      const { Variables: variables = {} } = (properties.Environment ?? {}) as { Variables?: Record<string, unknown> };
      return variables.POWERTOOLS_SERVICE_NAME;
    });
  };

  test('have a service name for their log lines: of this library, or the one that they are given', () => {
    const services = servicesOf({});
    expect(services.length).toBeGreaterThan(0);
    for (const service of services) expect(SERVICES).toContain(service);
    const given = servicesOf({ environment: { POWERTOOLS_SERVICE_NAME: 'conduit' } });
    expect(new Set(given)).toEqual(new Set(['conduit']));
  });

  test('take memory, processor, runtime, variables, concurrency and log settings', () => {
    const stack = new Stack(new App(), 'Stack');
    const key = new kms.Key(stack, 'Key');
    make(stack, {
      memorySize: 320,
      architecture: lambda.Architecture.X86_64,
      runtime: lambda.Runtime.NODEJS_22_X,
      environment: { NODE_OPTIONS: '--enable-source-maps' },
      reservedConcurrentExecutions: 3,
      logRetention: logs.RetentionDays.ONE_WEEK,
      logEncryptionKey: key,
    });
    const template = Template.fromStack(stack);
    const functions = resources(template, 'AWS::Lambda::Function');
    expect(functions.length).toBeGreaterThan(0);
    for (const [, { Properties: properties }] of functions) {
      expect(properties).toMatchObject({
        MemorySize: properties.MemorySize === 1024 ? 1024 : 320,
        Architectures: ['x86_64'],
        Runtime: 'nodejs22.x',
        Environment: { Variables: { NODE_OPTIONS: '--enable-source-maps' } },
        ReservedConcurrentExecutions: 3,
      });
    }
    for (const [, { Properties: properties }] of resources(template, 'AWS::Logs::LogGroup')) {
      expect(properties).toMatchObject({ RetentionInDays: 7, KmsKeyId: stack.resolve(key.keyArn) as unknown });
    }
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': Match.anyValue() } },
          }),
        ]),
      },
    });
  });

  test('are not traced where tracing is off, and then have no right to send traces', () => {
    const stack = new Stack(new App(), 'Stack');
    make(stack, { tracing: lambda.Tracing.DISABLED });
    const template = Template.fromStack(stack);
    for (const [, { Properties: properties }] of resources(template, 'AWS::Lambda::Function')) {
      expect(properties).not.toHaveProperty('TracingConfig');
    }
    expect(JSON.stringify(template.toJSON())).not.toContain('xray:');
  });

  test('are put into a network, in one security group, with the rights that Lambda needs there and no other', () => {
    const app = new App();
    const network = new Stack(app, 'Network');
    const vpc = new ec2.Vpc(network, 'Vpc');
    const stack = new Stack(app, 'Stack');
    make(stack, { vpc, vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS } });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    for (const [, { Properties: properties }] of resources(template, 'AWS::Lambda::Function')) {
      expect(properties.VpcConfig).toMatchObject({ SubnetIds: [expect.anything(), expect.anything()] });
    }
    const roles = resources(template, 'AWS::IAM::Role');
    expect(roles).toHaveLength(resources(template, 'AWS::Lambda::Function').length);
    for (const [, { Properties: properties }] of roles) {
      expect(properties).not.toHaveProperty('ManagedPolicyArns');
      expect(properties.Policies).toContainEqual({
        PolicyName: 'Network',
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Resource: '*',
              Action: [
                'ec2:CreateNetworkInterface',
                'ec2:DescribeNetworkInterfaces',
                'ec2:DescribeSubnets',
                'ec2:DeleteNetworkInterface',
                'ec2:AssignPrivateIpAddresses',
                'ec2:UnassignPrivateIpAddresses',
              ],
            },
          ],
        },
      });
    }
    const { violations } = new AwsSolutionsChecks(app).validateScope(stack);
    expect(violations).toEqual([]);
  });

  test('take security groups of the user', () => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    const group = new ec2.SecurityGroup(stack, 'Group', { vpc });
    make(stack, { vpc, securityGroups: [group] });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::EC2::SecurityGroup', 1);
    template.allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SecurityGroupIds: [stack.resolve(group.securityGroupId)] },
    });
  });

  test('run as one role of the user, which is given their rights', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    make(stack, { role });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 1);
    template.allResourcesProperties('AWS::Lambda::Function', { Role: stack.resolve(role.roleArn) });
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('xray:PutTraceSegments');
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    expect(violations).toEqual([]);
  });

  test('can be made where roles are made by others', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    iam.Role.customizeRoles(stack);
    expect(() => make(stack, {})).not.toThrow();
    expect(() => app.synth()).not.toThrow();
  });

  test.each<[string, FunctionOptions, string]>([
    ['too little memory', { memorySize: 64 }, 'memorySize must be an integer from 128 to 10240, got: 64 [at Stack/It'],
    ['too much memory', { memorySize: 10_241 }, 'memorySize must be an integer from 128 to 10240, got: 10241'],
    [
      'an old runtime',
      { runtime: new lambda.Runtime('nodejs18.x', lambda.RuntimeFamily.NODEJS) },
      'runtime must be Node.js 20 or later, got: nodejs18.x',
    ],
    ['another runtime', { runtime: lambda.Runtime.PYTHON_3_13 }, 'Node.js 20 or later, got: python3.13'],
    [
      'less than no concurrency',
      { reservedConcurrentExecutions: -1 },
      'reservedConcurrentExecutions must be an integer',
    ],
    ['subnets of no network', { vpcSubnets: {} }, 'vpcSubnets needs vpc'],
    ['groups of no network', { securityGroups: [] }, 'securityGroups needs vpc'],
    [
      'a variable of the library',
      { environment: { TABLE_NAME: 'mine', ROUTES: '', SEARCH_ENDPOINT: '' } },
      'must not set what the library',
    ],
  ])('refuse %s', (__, options, message) => {
    expect(() => make(new Stack(new App(), 'Stack'), options)).toThrow(message);
  });
});

describe.each(CONSTRUCTS)('the tables of %s', (_, make) => {
  test('are encrypted as AWS owns the key where that is chosen', () => {
    const stack = new Stack(new App(), 'Stack');
    make(stack, { encryption: dynamodb.TableEncryption.DEFAULT });
    for (const [, { Properties: properties }] of resources(Template.fromStack(stack), 'AWS::DynamoDB::Table')) {
      expect(properties.SSESpecification ?? { SSEEnabled: false }).toEqual({ SSEEnabled: false });
    }
  });

  test('have one key and no other', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key');
    expect(() => make(stack, { encryptionKey, encryption: dynamodb.TableEncryption.AWS_MANAGED })).toThrow(
      'Either provide encryptionKey or encryption AWS_MANAGED, but not both',
    );
    expect(() =>
      make(new Stack(new App(), 'Other'), { encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED }),
    ).toThrow('encryption CUSTOMER_MANAGED needs encryptionKey');
  });
});

// Last: CDK keeps a list of all runtimes, and cdk-nag then knows of a newer one.
describe.each(CONSTRUCTS)('the functions of %s', (_, make) => {
  test('leave tokens to CloudFormation, and take runtimes that are newer than this library', () => {
    const stack = new Stack(new App(), 'Stack');
    make(stack, {
      memorySize: Lazy.number({ produce: () => 256 }),
      runtime: new lambda.Runtime('nodejs26.x', lambda.RuntimeFamily.NODEJS),
    });
    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      MemorySize: 256,
      Runtime: 'nodejs26.x',
    });
  });
});
