import { Match } from 'aws-cdk-lib/assertions';
import { flat, make, mappingsOf, namesIn, propertiesOf, resourcesOf, rightsOf } from './synthesized';
import { ARTICLE_DOCUMENTS } from '../../src/search-index-pipeline/search-source';

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
      ['es:ESHttpGet', '<Domain.Arn>/articles/_alias <Domain.Arn>/articles-0* <Domain.Arn>/articles-zero-etl-0*'],
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
