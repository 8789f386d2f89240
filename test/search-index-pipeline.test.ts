import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import * as sns from 'aws-cdk-lib/aws-sns';
import { AwsSolutionsChecks } from 'cdk-nag';
import {
  SearchIndexPipeline,
  type SearchIndexPipelineProps,
  SearchIngestion,
  SearchSource,
  SearchTarget,
  SocialEvent,
  SocialTable,
} from '../src';
import { ARTICLE_DOCUMENTS } from '../src/search-index-pipeline/search-source';

process.env.CDK_VALIDATION = 'false';

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string[];
}

function make(props?: SearchIndexPipelineProps) {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const search = new SearchIndexPipeline(stack, 'Search', props);
  return { app, stack, search, template: Template.fromStack(stack) };
}

const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** What one role may do, without what every function may: write its logs and its traces. */
function statementsOf(template: Template, prefix: string): Statement[] {
  const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(([id]) => id.startsWith(prefix));
  if (policies.length === 0) {
    throw new Error(`no policy begins with ${prefix}`);
  }
  return policies
    .flatMap(([, { Properties: properties }]) => (properties.PolicyDocument as { Statement: Statement[] }).Statement)
    .filter(({ Action: action }) => !JSON.stringify(action).match(/logs:|xray:/));
}

/** References as text: `<Table.Arn>/export/*`. */
function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[fn, argument]] = Object.entries(value as Record<string, unknown>);
  if (fn === 'Fn::Join') return (argument as [string, unknown[]])[1].map(flat).join((argument as [string])[0]);
  return fn === 'Fn::GetAtt' ? `<${(argument as string[]).join('.')}>` : `<${String(argument)}>`;
}

/** Rights as lines: actions, and what they are on. */
const rightsOf = (template: Template, prefix: string, names: Record<string, string>) =>
  statementsOf(template, prefix).map(({ Action: action, Resource: resource }) => [
    [action].flat().join(' '),
    [resource]
      .flat()
      .map((one) => Object.entries(names).reduce((text, [id, name]) => text.replaceAll(id, name), flat(one)))
      .join(' '),
  ]);

/** Logical ids, so that tests name what they mean. */
function namesIn(template: Template): Record<string, string> {
  const short: Record<string, string> = {
    'AWS::OpenSearchService::Domain': 'Domain',
    'AWS::DynamoDB::Table': 'Table',
    'AWS::KMS::Key': 'Key',
    'AWS::SQS::Queue': 'Queue',
    'AWS::OpenSearchServerless::Collection': 'Collection',
  };
  const named = Object.entries(short).flatMap(([type, name]) =>
    resourcesOf(template, type).map(([id]): [string, string] => [id, name]),
  );
  const buckets = resourcesOf(template, 'AWS::S3::Bucket').map(([id]): [string, string] => [
    id,
    id.includes('Exports') ? 'Exports' : 'DeadLetters',
  ]);
  return Object.fromEntries([...named, ...buckets]);
}

const propertiesOf = (template: Template, type: string) => resourcesOf(template, type)[0][1].Properties;

/** As the custom resource gets it, with references as text. */
const mappingsOf = (template: Template, type = 'Custom::SearchIndex') =>
  JSON.parse(flat(propertiesOf(template, type).RoleMappings)) as {
    role: string;
    backendRoles: string[];
    clusterPermissions: string[];
    indexPermissions: { index_patterns: string[]; allowed_actions: string[] }[];
  }[];

describe('SearchIndexPipeline without props', () => {
  const { stack, search, template } = make();
  const names = namesIn(template);

  test('brings its own SocialTable, a small domain and an ingestion pipeline', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    template.resourceCountIs('AWS::OSIS::Pipeline', 1);
    template.resourceCountIs('AWS::Lambda::EventSourceMapping', 0);
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      ClusterConfig: { InstanceType: 't3.small.search', InstanceCount: 1, DedicatedMasterEnabled: false },
      EBSOptions: { EBSEnabled: true, VolumeSize: 10, VolumeType: 'gp3' },
    });
    template.hasResourceProperties('AWS::OSIS::Pipeline', { MinUnits: 1, MaxUnits: 4 });
  });

  test('the domain is encrypted, between its nodes too, takes TLS 1.2 alone, and nobody has a password', () => {
    template.hasResource('AWS::OpenSearchService::Domain', {
      Properties: {
        EncryptionAtRestOptions: { Enabled: true },
        NodeToNodeEncryptionOptions: { Enabled: true },
        DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: 'Policy-Min-TLS-1-2-2019-07' },
        AdvancedSecurityOptions: {
          Enabled: true,
          InternalUserDatabaseEnabled: false,
          MasterUserOptions: { MasterUserARN: stack.resolve(search.manager.role!.roleArn) as unknown },
        },
      },
      DeletionPolicy: 'Retain',
    });
  });

  test('the policy of the domain names the role of the pipeline and nobody else', () => {
    const { AccessPolicies: policies } = propertiesOf(template, 'AWS::OpenSearchService::Domain');
    expect((policies as { Statement: unknown[] }).Statement).toEqual([
      {
        Effect: 'Allow',
        Action: ['es:DescribeDomain', 'es:ESHttp*'],
        Principal: { AWS: stack.resolve(search.pipelineRole!.roleArn) as unknown },
        Resource: '*',
      },
    ]);
  });

  test('errors, slow searches and slow writes are logged, by a policy for these groups alone', () => {
    const options = propertiesOf(template, 'AWS::OpenSearchService::Domain').LogPublishingOptions as object;
    expect(Object.keys(options).sort()).toEqual(['ES_APPLICATION_LOGS', 'INDEX_SLOW_LOGS', 'SEARCH_SLOW_LOGS']);
    const { PolicyDocument: document } = propertiesOf(template, 'AWS::Logs::ResourcePolicy');
    const { Statement: statements } = JSON.parse(flat(document)) as { Statement: Record<string, unknown>[] };
    expect(statements).toHaveLength(1);
    expect(statements[0]).toMatchObject({
      Principal: { Service: 'es.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': '<AWS::AccountId>' } },
    });
    expect(statements[0].Resource).toHaveLength(3);
  });

  test('no function is made but the one that makes the index', () => {
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });

  test('the index is versioned, strict, and remembers deletions for an hour longer than a stream its records', () => {
    template.hasResourceProperties('Custom::SearchIndex', {
      ServiceToken: stack.resolve(search.manager.functionArn) as unknown,
      Alias: 'articles',
      IndexName: 'articles-zero-etl-000001',
      Body: JSON.stringify({
        mappings: {
          dynamic: 'strict',
          properties: {
            articleId: { type: 'keyword' },
            authorId: { type: 'keyword' },
            tagList: { type: 'keyword' },
            title: { type: 'text' },
            description: { type: 'text' },
            body: { type: 'text' },
          },
        },
        settings: { number_of_shards: 1, number_of_replicas: 0, gc_deletes: '90000s' },
      }),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: {
        Variables: Match.objectLike({
          SEARCH_SERVICE: 'es',
          SEARCH_ENDPOINT: stack.resolve(search.endpoint) as unknown,
        }),
      },
    });
  });

  test('the fields of a document are the fields of its mapping', () => {
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    const { mappings } = JSON.parse(body as string) as { mappings: { properties: object } };
    expect(Object.keys(mappings.properties).sort()).toEqual([...ARTICLE_DOCUMENTS.fields].sort());
  });

  test('the function that makes the index may do what it does and nothing else', () => {
    expect(rightsOf(template, 'SearchManagerRole', names)).toEqual([
      ['es:ESHttpGet', '<Domain.Arn>/_alias/articles <Domain.Arn>/articles-0* <Domain.Arn>/articles-zero-etl-0*'],
      ['es:ESHttpPut', '<Domain.Arn>/articles-0* <Domain.Arn>/articles-zero-etl-0*'],
      ['es:ESHttpPost', '<Domain.Arn>/_aliases'],
      [
        'es:ESHttpDelete es:ESHttpPut',
        '<Domain.Arn>/_plugins/_security/api/roles/articles-* <Domain.Arn>/_plugins/_security/api/rolesmapping/articles-*',
      ],
    ]);
  });

  test('the pipeline may read this table, use its buckets and write to this domain, and nothing else', () => {
    expect(rightsOf(template, 'SearchZeroEtlRole', names)).toEqual([
      ['dynamodb:DescribeTable dynamodb:DescribeContinuousBackups dynamodb:ExportTableToPointInTime', '<Table.Arn>'],
      ['dynamodb:DescribeExport', '<Table.Arn>/export/*'],
      ['dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator', '<Table.StreamArn>'],
      ['s3:AbortMultipartUpload s3:GetObject s3:PutObject s3:PutObjectAcl', '<Exports.Arn>/export/*'],
      ['s3:PutObject', '<DeadLetters.Arn>/dead-letters/*'],
      ['kms:Decrypt kms:GenerateDataKey', '<Key.Arn>'],
      ['es:DescribeDomain', '<Domain.Arn>'],
      ['es:ESHttp*', '<Domain.Arn>/*'],
    ]);
  });

  test('the role of the pipeline is assumed by this pipeline alone', () => {
    const [, { Properties: properties }] = resourcesOf(template, 'AWS::IAM::Role').find(([id]) =>
      id.startsWith('SearchZeroEtlRole'),
    )!;
    const { Statement: statements } = properties.AssumeRolePolicyDocument as { Statement: Record<string, unknown>[] };
    expect(statements).toHaveLength(1);
    expect(statements[0].Principal).toEqual({ Service: 'osis-pipelines.amazonaws.com' });
    const conditions = statements[0].Condition as { ArnLike: Record<string, unknown>; StringEquals: object };
    expect(conditions.StringEquals).toEqual({ 'aws:SourceAccount': { Ref: 'AWS::AccountId' } });
    expect(flat(conditions.ArnLike['aws:SourceArn'])).toBe(
      `arn:<AWS::Partition>:osis:<AWS::Region>:<AWS::AccountId>:pipeline/${search.pipelineName}`,
    );
  });

  test('the pipeline has a role in the domain that writes documents of the alias', () => {
    expect(mappingsOf(template)).toEqual([
      {
        role: 'articles-pipeline',
        backendRoles: [flat(stack.resolve(search.pipelineRole!.roleArn))],
        clusterPermissions: ['cluster_monitor', 'indices:data/write/bulk'],
        indexPermissions: [
          {
            index_patterns: ['articles', 'articles-0*', 'articles-zero-etl-0*'],
            allowed_actions: ['indices:data/write/*', 'indices:admin/get'],
          },
        ],
      },
    ]);
  });

  test('what is exported is encrypted under a key of its own, and gone after a day; refused documents after 90', () => {
    const buckets = resourcesOf(template, 'AWS::S3::Bucket');
    expect(buckets).toHaveLength(2);
    for (const [id, { Properties: properties }] of buckets) {
      expect(properties).toMatchObject({
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [resourcesOf(template, 'AWS::KMS::Key')[0][0], 'Arn'] },
              },
            },
          ],
        },
        PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
        LifecycleConfiguration: { Rules: [{ ExpirationInDays: id.includes('Exports') ? 1 : 90, Status: 'Enabled' }] },
      });
    }
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test('the pipeline waits for its rights and for the index, and the index for the domain, by its endpoint', () => {
    const [[, pipeline]] = resourcesOf(template, 'AWS::OSIS::Pipeline');
    const prefixes = ['SearchZeroEtlRoleDefaultPolicy', 'SearchIndex'];
    expect(prefixes.filter((prefix) => !pipeline.DependsOn?.some((id) => id.startsWith(prefix)))).toEqual([]);
    const [[domain]] = resourcesOf(template, 'AWS::OpenSearchService::Domain');
    const [[, index]] = resourcesOf(template, 'Custom::SearchIndex');
    expect(index.Properties.Endpoint).toEqual({
      'Fn::Join': ['', ['https://', { 'Fn::GetAtt': [domain, 'DomainEndpoint'] }]],
    });
    // It would be said twice, which cfn-lint finds.
    expect(index.DependsOn ?? []).not.toContain(domain);
  });

  test('the pipeline has a name that OpenSearch Ingestion takes, and logs where it may', () => {
    expect(search.pipelineName).toMatch(/^[a-z][a-z0-9-]{2,27}$/);
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      LogGroupName: `/aws/vendedlogs/OpenSearchIngestion/${search.pipelineName}`,
      RetentionInDays: 30,
    });
  });

  test('alarms as AWS recommends, and where the index is behind or incomplete', () => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(([, { Properties: properties }]) => [
      properties.Namespace,
      properties.MetricName,
      properties.ComparisonOperator,
      properties.Threshold,
    ]);
    expect(alarms.sort((a, b) => String(a[1]).localeCompare(String(b[1])))).toEqual([
      ['AWS/ES', 'ClusterStatus.red', 'GreaterThanThreshold', 0],
      ['AWS/ES', 'CPUUtilization', 'GreaterThanThreshold', 80],
      ['AWS/ES', 'FreeStorageSpace', 'LessThanThreshold', 2560],
      ['AWS/ES', 'JVMMemoryPressure', 'GreaterThanThreshold', 95],
      ['AWS/OSIS', 'search-index.dynamodb.exportJobFailure.count', 'GreaterThanThreshold', 0],
      ['AWS/OSIS', 'search-index.opensearch.EndToEndLatency.max', 'GreaterThanThreshold', 300_000],
      ['AWS/OSIS', 'search-index.opensearch.s3.dlqS3RecordsSuccess.count', 'GreaterThanThreshold', 0],
    ]);
    expect(Object.keys(search.alarms).sort()).toEqual([
      'ClusterRedAlarm',
      'CpuAlarm',
      'DeadLetterAlarm',
      'ExportFailureAlarm',
      'FreeStorageAlarm',
      'JvmMemoryAlarm',
      'LagAlarm',
    ]);
  });

  test('readers overlay the lag allowed, two minutes of the pipeline and 15 seconds', () => {
    expect(search.overlayWindow.toSeconds()).toBe(300 + 120 + 15);
  });

  test('is as it was', () => {
    const masked = JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, '<asset>');
    expect(JSON.parse(masked)).toMatchSnapshot();
  });
});

describe('SearchIndexPipeline with Lambda ingestion', () => {
  const { stack, search, template } = make({ ingestion: SearchIngestion.lambda() });
  const names = namesIn(template);

  test('has no pipeline, no bucket and no policy of the domain', () => {
    template.resourceCountIs('AWS::OSIS::Pipeline', 0);
    template.resourceCountIs('AWS::S3::Bucket', 0);
    expect(propertiesOf(template, 'AWS::OpenSearchService::Domain')).not.toHaveProperty('AccessPolicies');
  });

  test('reads changes of documents, of what they are and of what they were, for as long as the stream has them', () => {
    const item = { entityType: { S: ['ArticleText'] } };
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(search.table!.tableStreamArn) as unknown,
      BatchSize: 100,
      ParallelizationFactor: 10,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 86_400,
      StartingPosition: 'TRIM_HORIZON',
      DestinationConfig: {
        OnFailure: { Destination: stack.resolve(search.deadLetterQueue!.queueArn) as unknown },
      },
      FilterCriteria: {
        Filters: [
          { Pattern: JSON.stringify({ dynamodb: { NewImage: item } }) },
          { Pattern: JSON.stringify({ dynamodb: { OldImage: item } }) },
        ],
      },
    });
  });

  test('the indexer is told what it needs', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 30,
      Environment: {
        Variables: Match.objectLike({
          SEARCH_ENDPOINT: stack.resolve(search.endpoint) as unknown,
          SEARCH_SERVICE: 'es',
          SEARCH_ALIAS: 'articles',
          SOURCE: JSON.stringify(ARTICLE_DOCUMENTS),
          DEAD_LETTER_QUEUE_URL: stack.resolve(search.deadLetterQueue!.queueUrl) as unknown,
        }),
      },
    });
  });

  test('the indexer may write in bulk by the alias, read the stream and use its queue, and nothing else', () => {
    expect(rightsOf(template, 'SearchIndexerHandlerRole', names)).toEqual([
      ['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<Queue.Arn>'],
      ['es:ESHttpPost', '<Domain.Arn>/articles/_bulk'],
      [
        'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams',
        '<Table.StreamArn>',
      ],
    ]);
    expect(mappingsOf(template)).toEqual([
      {
        role: 'articles-index',
        backendRoles: [flat(stack.resolve(search.indexer!.role!.roleArn))],
        clusterPermissions: ['indices:data/write/bulk'],
        indexPermissions: [
          {
            index_patterns: ['articles', 'articles-0*', 'articles-zero-etl-0*'],
            allowed_actions: ['indices:data/write/*'],
          },
        ],
      },
    ]);
  });

  test('the first change waits for the index', () => {
    const [[, mapping]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(mapping.DependsOn).toContainEqual(expect.stringMatching(/^SearchIndex[0-9A-F]{8}$/));
    template.hasResourceProperties('Custom::SearchIndex', { IndexName: 'articles-000001' });
  });

  test('alarms in a minute, and readers overlay it, a run of the indexer and 15 seconds', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'IteratorAge', Threshold: 60_000 });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 0,
    });
    expect(search.overlayWindow.toSeconds()).toBe(60 + 30 + 15);
    expect(() => search.metricIngestion('dynamodb.exportJobFailure.count')).toThrow('needs pipelineName');
  });

  test('deletions are remembered for an hour longer than a change is tried', () => {
    const brief = make({ ingestion: SearchIngestion.lambda({ maxRecordAge: Duration.hours(2) }) });
    const { Body: body } = propertiesOf(brief.template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).toMatchObject({ settings: { gc_deletes: `${3 * 3600}s` } });
    brief.template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumRecordAgeInSeconds: 7200 });
  });

  test('is as it was', () => {
    const masked = JSON.stringify(template.toJSON()).replace(/[0-9a-f]{64}/g, '<asset>');
    expect(JSON.parse(masked)).toMatchSnapshot();
  });
});

describe('grants', () => {
  const roleIn = (stack: Stack) =>
    new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });

  test.each<['grantSearch' | 'grantIndex', string[][]]>([
    ['grantSearch', [['es:ESHttpGet es:ESHttpPost', '<Domain.Arn>/articles/_search <Domain.Arn>/articles/_count']]],
    ['grantIndex', [['es:ESHttpPost', '<Domain.Arn>/articles/_bulk']]],
  ])('%s allows its paths alone, and maps the role in the domain', (grant, rights) => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search');
    const role = roleIn(stack);
    search[grant](role);
    search[grant](role);
    const template = Template.fromStack(stack);
    expect(rightsOf(template, 'Reader', namesIn(template))).toEqual(rights);
    const wanted = grant === 'grantSearch' ? 'articles-search' : 'articles-index';
    const mapping = mappingsOf(template).find((one) => one.role === wanted);
    expect(mapping?.backendRoles).toEqual([flat(stack.resolve(role.roleArn))]);
  });

  test('of another stack are told of there, so that the search stack refers to none', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const api = new Stack(app, 'Api');
    const search = new SearchIndexPipeline(stack, 'Search');
    search.grantSearch(roleIn(api));
    expect(() => app.synth()).not.toThrow();
    expect(mappingsOf(Template.fromStack(stack)).map(({ role }) => role)).toEqual(['articles-pipeline']);
    const [mapping, ...others] = mappingsOf(Template.fromStack(api), 'Custom::SearchRoleMappings');
    expect(others).toEqual([]);
    expect(mapping.role).toMatch(/^articles-search-[0-9a-f]{8}$/);
    expect(mapping.backendRoles).toEqual([expect.stringMatching(/^<Reader\w+\.Arn>$/)]);
  });

  test.each([
    ['as it is', () => undefined],
    ['synthesized, when imports have their names', (app: App) => app.synth()],
  ])('and tables of other stacks have no finding of cdk-nag in an app %s', (_, before) => {
    const app = new App();
    const table = new SocialTable(new Stack(app, 'Data'), 'Table');
    const search = new SearchIndexPipeline(new Stack(app, 'Stack'), 'Search', { table });
    search.grantSearch(roleIn(new Stack(app, 'Api')));
    before(app);
    expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([]);
  });

  test('leave what a user adds to a role of the pipeline to be found', () => {
    const { app, search } = make();
    (search.pipelineRole as iam.Role).addToPolicy(
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::mine/*'] }),
    );
    expect(new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)).toEqual([
      'AwsSolutions-IAM5[Resource::arn:aws:s3:::mine/*]',
    ]);
  });

  test('to what is no role are refused: OpenSearch would not know it', () => {
    const { search } = make();
    const service = { grantPrincipal: new iam.ServicePrincipal('events.amazonaws.com') };
    expect(() => search.grantSearch(service)).toThrow('grantee must be a role');
  });
});

describe('a domain', () => {
  test('takes version, nodes, zones, masters and volume, and the index a copy where there is a second node', () => {
    const { template } = make({
      target: SearchTarget.domain({
        version: opensearch.EngineVersion.OPENSEARCH_2_17,
        instanceType: 'm7g.large.search',
        instanceCount: 4,
        zones: 2,
        masterCount: 3,
        volumeSize: 100,
      }),
    });
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      EngineVersion: 'OpenSearch_2.17',
      ClusterConfig: {
        InstanceType: 'm7g.large.search',
        InstanceCount: 4,
        ZoneAwarenessEnabled: true,
        ZoneAwarenessConfig: { AvailabilityZoneCount: 2 },
        DedicatedMasterEnabled: true,
        DedicatedMasterCount: 3,
        DedicatedMasterType: 'm7g.medium.search',
      },
      EBSOptions: { VolumeSize: 100 },
    });
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).toMatchObject({ settings: { number_of_replicas: 1 } });
  });

  test('in a network is reached by the functions and the pipeline, over HTTPS alone', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    new SearchIndexPipeline(stack, 'Search', { vpc, target: SearchTarget.domain({ vpc }) });
    const template = Template.fromStack(stack);
    const { VPCOptions: network } = propertiesOf(template, 'AWS::OpenSearchService::Domain') as {
      VPCOptions: { SubnetIds: unknown[]; SecurityGroupIds: unknown[] };
    };
    expect(network.SubnetIds).toHaveLength(1);
    expect(network.SecurityGroupIds).toHaveLength(1);
    template.hasResourceProperties('AWS::OSIS::Pipeline', { VpcOptions: network });
    const rules = resourcesOf(template, 'AWS::EC2::SecurityGroupIngress').map(([, { Properties: rule }]) => rule);
    expect(rules).toHaveLength(2);
    for (const rule of rules) {
      expect(rule).toMatchObject({ GroupId: network.SecurityGroupIds[0], FromPort: 443, ToPort: 443 });
    }
    expect(rules.map((rule) => rule.SourceSecurityGroupId)).toContainEqual(network.SecurityGroupIds[0]);
  });

  test('takes sign-in by Cognito, and roles that may do everything', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const role = new iam.Role(stack, 'Cognito', { assumedBy: new iam.ServicePrincipal('es.amazonaws.com') });
    const users = new iam.Role(stack, 'Users', { assumedBy: new iam.WebIdentityPrincipal('cognito') });
    const dashboards = { userPoolId: 'pool', identityPoolId: 'identities', role };
    new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.domain({ dashboards, administrators: [users] }),
    });
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::OpenSearchService::Domain', {
      CognitoOptions: { Enabled: true, UserPoolId: 'pool', IdentityPoolId: 'identities' },
    });
    expect(rightsOf(template, 'Users', namesIn(template))).toEqual([['es:ESHttp*', '<Domain.Arn>/*']]);
    const mapping = mappingsOf(template).find(({ role: name }) => name === 'articles-administrators');
    expect(mapping).toMatchObject({
      clusterPermissions: ['*'],
      indexPermissions: [{ index_patterns: ['*'], allowed_actions: ['*'] }],
      tenantPermissions: [{ tenant_patterns: ['*'], allowed_actions: ['kibana_all_write'] }],
    });
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('is encrypted under the key that is given, and removed where that is said', () => {
    const stack = new Stack(new App(), 'Stack');
    const encryptionKey = new kms.Key(stack, 'Key');
    new SearchIndexPipeline(stack, 'Search', { encryptionKey, removalPolicy: RemovalPolicy.DESTROY });
    const template = Template.fromStack(stack);
    template.hasResource('AWS::OpenSearchService::Domain', {
      Properties: {
        EncryptionAtRestOptions: { Enabled: true, KmsKeyId: stack.resolve(encryptionKey.keyId) as unknown },
      },
      DeletionPolicy: 'Delete',
    });
    expect(JSON.stringify(statementsOf(template, 'SearchZeroEtlRole'))).toContain('kms:Decrypt');
  });

  test('that is there already is used as it is', () => {
    const stack = new Stack(new App(), 'Stack');
    const domain = opensearch.Domain.fromDomainEndpoint(
      stack,
      'Domain',
      'https://search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    );
    const search = new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.existingDomain(domain, { replicas: 2 }),
      ingestion: SearchIngestion.lambda(),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::OpenSearchService::Domain', 0);
    const properties = propertiesOf(template, 'Custom::SearchIndex');
    expect(properties).not.toHaveProperty('RoleMappings');
    expect(JSON.parse(properties.Body as string)).toMatchObject({ settings: { number_of_replicas: 2 } });
    expect(search.endpoint).toMatch(/^https:\/\//);
  });

  test('that is there already, with fine-grained access control, has the roles mapped', () => {
    const stack = new Stack(new App(), 'Stack');
    const domain = opensearch.Domain.fromDomainAttributes(stack, 'Domain', {
      domainArn: 'arn:aws:es:eu-west-1:123456789012:domain/mine',
      domainEndpoint: 'search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    });
    new SearchIndexPipeline(stack, 'Search', {
      target: SearchTarget.existingDomain(domain, { fineGrainedAccessControl: true }),
    });
    const template = Template.fromStack(stack);
    expect(mappingsOf(template).map(({ role }) => role)).toEqual(['articles-pipeline']);
  });
});

describe('a serverless collection', () => {
  const rulesOf = (template: Template) =>
    resourcesOf(template, 'AWS::OpenSearchServerless::AccessPolicy').flatMap(
      ([
        ,
        {
          Properties: { Policy: policy },
        },
      ]) =>
        JSON.parse(flat(policy)) as {
          Principal: string[];
          Rules: { Resource: string[]; Permission: string[]; ResourceType: string }[];
        }[],
    );

  test('is encrypted, reached by signed requests, and has its name in names that AWS takes', () => {
    const { template, search } = make({ target: SearchTarget.serverlessCollection() });
    const {
      Name: name,
      Type: type,
      StandbyReplicas: standby,
    } = propertiesOf(template, 'AWS::OpenSearchServerless::Collection');
    expect(name).toMatch(/^[a-z][a-z0-9-]{2,31}$/);
    expect([type, standby]).toEqual(['SEARCH', 'ENABLED']);
    const policies = ['SecurityPolicy', 'AccessPolicy'].flatMap((kind) =>
      resourcesOf(template, `AWS::OpenSearchServerless::${kind}`).map(([, { Properties: properties }]) => properties),
    );
    for (const policy of policies) expect(policy.Name).toMatch(/^[a-z][a-z0-9-]{2,31}$/);
    expect(new Set(policies.map((policy) => policy.Name)).size).toBe(policies.length);
    expect(policies.map((policy) => policy.Type)).toEqual(['encryption', 'network', 'data', 'data']);
    expect(search.signingService).toBe('aoss');
    expect(() => search.metricClusterStatusRed()).toThrow('this metric needs domain');
    expect(search.domain).toBeUndefined();
  });

  test('lets each role do its part, and none a wildcard of other indexes', () => {
    const { template, search, stack } = make({
      target: SearchTarget.serverlessCollection({ standbyReplicas: false }),
      ingestion: SearchIngestion.lambda(),
    });
    const name = propertiesOf(template, 'AWS::OpenSearchServerless::Collection').Name as string;
    const index = [`index/${name}/articles`, `index/${name}/articles-*`];
    expect(rulesOf(template)).toEqual([
      {
        Principal: [flat(stack.resolve(search.manager.role!.roleArn))],
        Rules: [
          {
            ResourceType: 'index',
            Resource: index,
            Permission: ['aoss:CreateIndex', 'aoss:DescribeIndex', 'aoss:UpdateIndex'],
          },
          {
            ResourceType: 'collection',
            Resource: [`collection/${name}`],
            Permission: ['aoss:CreateCollectionItems', 'aoss:DescribeCollectionItems', 'aoss:UpdateCollectionItems'],
          },
        ],
      },
      {
        Principal: [flat(stack.resolve(search.indexer!.role!.roleArn))],
        Rules: [{ ResourceType: 'index', Resource: index, Permission: ['aoss:DescribeIndex', 'aoss:WriteDocument'] }],
      },
    ]);
    expect(rightsOf(template, 'SearchManagerRole', namesIn(template))).toEqual([
      ['aoss:APIAccessAll', '<Collection.Arn>'],
    ]);
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).not.toHaveProperty('settings');
  });

  test('grants of another stack are in that stack', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const api = new Stack(app, 'Api');
    const search = new SearchIndexPipeline(stack, 'Search', { target: SearchTarget.serverlessCollection() });
    search.grantSearch(new iam.Role(api, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    expect(() => app.synth()).not.toThrow();
    expect(rulesOf(Template.fromStack(api)).map(({ Rules: rules }) => rules[0].Permission)).toEqual([
      ['aoss:DescribeIndex', 'aoss:ReadDocument'],
    ]);
  });

  test('behind endpoints is closed to the public, and the pipeline may open itself a way in', () => {
    const { app, template } = make({ target: SearchTarget.serverlessCollection({ vpcEndpointIds: ['vpce-0a'] }) });
    template.hasResourceProperties('AWS::OpenSearchServerless::SecurityPolicy', {
      Type: 'network',
      Policy: Match.serializedJson([Match.objectLike({ AllowFromPublic: false, SourceVPCEs: ['vpce-0a'] })]),
    });
    const name = propertiesOf(template, 'AWS::OpenSearchServerless::Collection').Name as string;
    expect(statementsOf(template, 'SearchZeroEtlRole').slice(-2)).toEqual([
      { Effect: 'Allow', Action: 'aoss:BatchGetCollection', Resource: '*' },
      {
        Effect: 'Allow',
        Action: ['aoss:CreateSecurityPolicy', 'aoss:GetSecurityPolicy', 'aoss:UpdateSecurityPolicy'],
        Resource: '*',
        Condition: { StringEquals: { 'aoss:collection': name } },
      },
    ]);
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });
});

describe('another source', () => {
  const tableIn = (stack: Stack, props: Partial<dynamodb.TableProps> = {}) =>
    new dynamodb.Table(stack, 'Books', {
      partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...props,
    });
  const BOOKS = {
    idAttributes: ['isbn'],
    versionAttribute: 'revision',
    fields: ['isbn', 'title'],
    indexBody: { settings: { index: { refresh_interval: '5s' } }, mappings: { properties: {} } },
  };

  test('is any table: without kinds of items every change is read', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search', {
      source: SearchSource.table({ table: tableIn(stack), ...BOOKS }),
      ingestion: SearchIngestion.lambda({ batchSize: 1000, parallelization: 2 }),
      alias: 'books',
    });
    expect(search.table).toBeUndefined();
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 1);
    const [[, mapping]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(mapping.Properties).not.toHaveProperty('FilterCriteria');
    expect(mapping.Properties).toMatchObject({ BatchSize: 1000, ParallelizationFactor: 2 });
    const { indexBody, ...documents } = BOOKS;
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SOURCE: Match.serializedJson(documents), SEARCH_ALIAS: 'books' }) },
    });
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).toEqual({
      mappings: indexBody.mappings,
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '5s', gc_deletes: '90000s' },
    });
  });

  test('may be read by two pipelines, and a third is an error', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = tableIn(stack);
    const add = (id: string, props: SearchIndexPipelineProps) =>
      new SearchIndexPipeline(stack, id, { source: SearchSource.table({ table, ...BOOKS }), ...props });
    add('A', {});
    add('B', { ingestion: SearchIngestion.lambda() });
    expect(() => add('C', {})).toThrow(/at most 2 readers; .* is read by Stack\/A and Stack\/B already/);
  });

  test.each<[string, Partial<typeof BOOKS> & { entityTypes?: string[]; entityTypeAttribute?: string }, string]>([
    ['no id', { idAttributes: [] }, 'source.idAttributes must name at least one attribute, got: none'],
    ['no field', { fields: [] }, 'source.fields must name at least one attribute, got: none'],
    ['a field with a dot', { fields: ['isbn', 'a.b'] }, 'source.fields must be of letters, digits and _'],
    [
      'kinds of nothing',
      { entityTypes: ['Book'] },
      'entityTypes and entityTypeAttribute together, got only: entityTypes',
    ],
    ['no kinds', { entityTypes: [], entityTypeAttribute: 'kind' }, 'source.entityTypes must name at least one'],
    ['a quote', { entityTypes: ['a"b'], entityTypeAttribute: 'kind' }, 'must have no " and no \\, got: a"b'],
    [
      'an id that is no field',
      { fields: ['title'] },
      'must have every one of source.idAttributes with zero-ETL, got no: isbn',
    ],
    [
      'a memory of deletions of its own',
      { indexBody: { settings: { index: { gc_deletes: '1s' } } } as never },
      'source.indexBody must not set gc_deletes',
    ],
  ])('with %s is refused', (_, options, message) => {
    const stack = new Stack(new App(), 'Stack');
    const source = SearchSource.table({ table: tableIn(stack), ...BOOKS, ...options });
    expect(() => new SearchIndexPipeline(stack, 'Search', { source })).toThrow(message);
  });

  test.each<[string, Partial<dynamodb.TableProps>, string]>([
    ['no stream', { stream: undefined }, 'source.table needs a stream of both images, Stack/Books has none'],
    ['new images alone', { stream: dynamodb.StreamViewType.NEW_IMAGE }, 'NEW_AND_OLD_IMAGES, got: NEW_IMAGE'],
    ['no recovery', { pointInTimeRecoverySpecification: undefined }, 'set pointInTimeRecovery of Stack/Books to true'],
  ])('whose table has %s is refused', (_, props, message) => {
    const stack = new Stack(new App(), 'Stack');
    const source = SearchSource.table({ table: tableIn(stack, props), ...BOOKS });
    expect(() => new SearchIndexPipeline(stack, 'Search', { source })).toThrow(message);
  });

  test('of tables of the newer kind, and of imported ones, is taken as it is known', () => {
    const stack = new Stack(new App(), 'Stack');
    const options = (table: dynamodb.ITable) => ({ source: SearchSource.table({ table, ...BOOKS }) });
    const newer = (id: string, pointInTimeRecoveryEnabled: boolean) =>
      new dynamodb.TableV2(stack, id, {
        partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
        dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled },
      });
    expect(() => new SearchIndexPipeline(stack, 'A', options(newer('On', true)))).not.toThrow();
    expect(() => new SearchIndexPipeline(stack, 'B', options(newer('Off', false)))).toThrow('point-in-time recovery');
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/books';
    const imported = dynamodb.Table.fromTableAttributes(stack, 'Imported', {
      tableArn: arn,
      tableStreamArn: `${arn}/stream/2026-01-01T00:00:00.000`,
    });
    expect(() => new SearchIndexPipeline(stack, 'C', options(imported))).not.toThrow();
  });
});

describe('SearchIndexPipeline refuses', () => {
  test.each<[string, SearchIndexPipelineProps, string]>([
    ['an alias in capitals', { alias: 'Articles' }, 'alias must be 1 to 100 lower-case letters'],
    ['a wildcard as alias', { alias: 'a*' }, 'got: a*'],
    ['no lag', { maxLag: Duration.seconds(1) }, 'maxLag must be whole seconds from 20 to 43200, got: 1'],
    ['a table that is not recoverable', { pointInTimeRecovery: false }, 'zero-ETL ingestion exports the table'],
    [
      'no units',
      { ingestion: SearchIngestion.zeroEtl({ minUnits: 0 }) },
      'ingestion.minUnits must be an integer from 1 to 96, got: 0',
    ],
    [
      'fewer units than the least',
      { ingestion: SearchIngestion.zeroEtl({ minUnits: 4, maxUnits: 2 }) },
      'ingestion.minUnits must not be above ingestion.maxUnits (2), got: 4',
    ],
    ['large batches', { ingestion: SearchIngestion.lambda({ batchSize: 10_001 }) }, 'ingestion.batchSize must be'],
    [
      'more at a time than Lambda takes',
      { ingestion: SearchIngestion.lambda({ parallelization: 11 }) },
      'ingestion.parallelization must be an integer from 1 to 10, got: 11',
    ],
    [
      'records that are older than the stream',
      { ingestion: SearchIngestion.lambda({ maxRecordAge: Duration.hours(25) }) },
      'ingestion.maxRecordAge must be whole seconds from 60 to 86400, got: 90000',
    ],
    [
      'four zones',
      { target: SearchTarget.domain({ zones: 4 }) },
      'target.zones must be an integer from 1 to 3, got: 4',
    ],
    [
      'fewer nodes than zones',
      { target: SearchTarget.domain({ zones: 3, instanceCount: 2 }) },
      'target.instanceCount must be at least target.zones (3), got: 2',
    ],
    ['two masters', { target: SearchTarget.domain({ masterCount: 2 }) }, 'target.masterCount must be 3 or 5, got: 2'],
    [
      'a type of masters without masters',
      { target: SearchTarget.domain({ masterInstanceType: 'm7g.large.search' }) },
      'target.masterInstanceType needs target.masterCount',
    ],
    [
      'an instance of another service',
      { target: SearchTarget.domain({ instanceType: 't3.small' }) },
      'target.instanceType must end with .search, got: t3.small',
    ],
    [
      'a small volume',
      { target: SearchTarget.domain({ volumeSize: 5 }) },
      'target.volumeSize must be an integer from 10',
    ],
    [
      'subnets of no network',
      { target: SearchTarget.domain({ vpcSubnets: {} }) },
      'target.vpcSubnets needs target.vpc',
    ],
    [
      'a collection behind no endpoint',
      { target: SearchTarget.serverlessCollection({ vpcEndpointIds: [] }) },
      'target.vpcEndpointIds must name at least one endpoint',
    ],
  ])('%s', (_, props, message) => {
    expect(() => make(props)).toThrow(message);
  });

  test('a table and a source at once', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    const props = { table, source: SearchSource.socialTable(table) };
    expect(() => new SearchIndexPipeline(stack, 'Search', props)).toThrow('Either provide table or source');
  });

  test('a domain in a network whose functions are in none', () => {
    const stack = new Stack(new App(), 'Stack');
    const vpc = new ec2.Vpc(stack, 'Vpc');
    expect(() => new SearchIndexPipeline(stack, 'Search', { target: SearchTarget.domain({ vpc }) })).toThrow(
      'target.vpc needs the functions in a network',
    );
  });

  test('a third reader of the stream', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    table.addStreamConsumer('Mine', { events: [SocialEvent.FOLLOWED] });
    new SearchIndexPipeline(stack, 'One', { table });
    expect(() => new SearchIndexPipeline(stack, 'Two', { table })).toThrow(
      /at most 2 readers; .*StreamRouter and Stack\/One already, got one more: Stack\/Two/,
    );
  });

  test('a SocialTable without stream', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table', { stream: false });
    expect(() => new SearchIndexPipeline(stack, 'Search', { table })).toThrow('needs the stream of Stack/Table');
  });
});

describe('alarms', () => {
  test('take thresholds by severity, tell a topic, and can be left out', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search', {
      alarmTopic: new sns.Topic(stack, 'Topic'),
      alarmThresholds: { lag: { Warning: 30_000, Critical: 90_000 }, cpu: {}, freeStorage: { Warning: 5000 } },
    });
    expect(Object.keys(search.alarms)).toEqual(
      expect.arrayContaining(['LagWarningAlarm', 'LagAlarm', 'FreeStorageWarningAlarm']),
    );
    expect(Object.keys(search.alarms)).not.toContain('CpuAlarm');
    for (const [, { Properties: alarm }] of resourcesOf(Template.fromStack(stack), 'AWS::CloudWatch::Alarm')) {
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(alarm.OKActions).toHaveLength(1);
    }
    make({ alarms: false }).template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});

describe('an imported SearchIndexPipeline', () => {
  const domainIn = (stack: Stack) =>
    opensearch.Domain.fromDomainAttributes(stack, 'Domain', {
      domainArn: 'arn:aws:es:eu-west-1:123456789012:domain/mine',
      domainEndpoint: 'search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    });

  test('lets others search, and knows the metrics that it is told of', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = SearchIndexPipeline.fromSearchIndexPipelineAttributes(stack, 'Search', {
      domain: domainIn(stack),
      pipelineName: 'mine',
      overlayWindow: Duration.minutes(2),
    });
    search.grantSearch(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    const template = Template.fromStack(stack);
    expect(rightsOf(template, 'Reader', {})).toEqual([
      [
        'es:ESHttpGet es:ESHttpPost',
        ['_search', '_count'].map((path) => `arn:aws:es:eu-west-1:123456789012:domain/mine/articles/${path}`).join(' '),
      ],
    ]);
    expect(search.endpoint).toBe('https://search-mine-abcdefgh.eu-west-1.es.amazonaws.com');
    expect(search.metricLag().metricName).toBe('search-index.opensearch.EndToEndLatency.max');
    expect(search.metricFreeStorageSpace().namespace).toBe('AWS/ES');
    expect(search.overlayWindow.toSeconds()).toBe(120);
  });

  test('maps roles by the function that is named', () => {
    const stack = new Stack(new App(), 'Stack');
    const manager = lambda.Function.fromFunctionArn(
      stack,
      'Manager',
      'arn:aws:lambda:eu-west-1:123456789012:function:manager',
    );
    const search = SearchIndexPipeline.fromSearchIndexPipelineAttributes(stack, 'Search', {
      domain: domainIn(stack),
      manager,
    });
    search.grantSearch(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    const [mapping] = mappingsOf(Template.fromStack(stack), 'Custom::SearchRoleMappings');
    expect(mapping.role).toMatch(/^articles-search-[0-9a-f]{8}$/);
    expect(() => search.metricLag()).toThrow('needs indexer');
  });
});
