import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks } from 'cdk-nag';
import { flat, make, mappingsOf, propertiesOf, resourcesOf, rightsOf } from './synthesized';
import { SearchIndexPipeline, SearchIngestion } from '../../src';
import { ARTICLE_DOCUMENTS } from '../../src/search-index-pipeline/search-source';

describe('backfill and reindex with Lambda ingestion', () => {
  const { app, stack, search, template } = make({ ingestion: SearchIngestion.lambda() });

  /** Logical ids by what they are for. */
  const names = Object.fromEntries(
    ['AWS::DynamoDB::Table', 'AWS::SQS::Queue', 'AWS::OpenSearchService::Domain', 'AWS::KMS::Key']
      .flatMap((type) => resourcesOf(template, type))
      .map(([id]) => [id, id.replace(/^Search/, '').replace(/[0-9A-F]{8}$/, '')]),
  );

  test('jobs are segments on a queue, worked on by four at a time and tried for more than an hour', () => {
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      EventSourceArn: stack.resolve(search.jobsQueue!.queueArn) as unknown,
      BatchSize: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 4 },
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      VisibilityTimeout: 720,
      RedrivePolicy: {
        deadLetterTargetArn: stack.resolve(search.jobsDeadLetterQueue!.queueArn) as unknown,
        maxReceiveCount: 25,
      },
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Timeout: 120,
      RecursiveLoop: 'Allow',
      Environment: {
        Variables: Match.objectLike({
          SEARCH_ALIAS: 'articles',
          TABLE_NAME: stack.resolve(search.table!.tableName) as unknown,
          JOBS_TABLE_NAME: stack.resolve(search.jobsTable!.tableName) as unknown,
          JOBS_QUEUE_URL: stack.resolve(search.jobsQueue!.queueUrl) as unknown,
          DEAD_LETTER_QUEUE_URL: stack.resolve(search.deadLetterQueue!.queueUrl) as unknown,
        }),
      },
    });
  });

  test('the reindexer may scan the table, load indexes of the alias and turn it, and nothing else', () => {
    const under = (...paths: string[]) => paths.map((path) => `<Domain.Arn>/${path}`).join(' ');
    expect(rightsOf(template, 'SearchReindexerHandlerRole', names)).toEqual([
      ['dynamodb:BatchGetItem dynamodb:DescribeTable dynamodb:Scan', '<Table.Arn>'],
      [
        'dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem',
        '<ReindexerJobs.Arn>',
      ],
      ['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<ReindexerQueue.Arn>'],
      ['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<IndexerDeadLetterQueue.Arn>'],
      ['es:ESHttpGet', under('articles/_alias', 'articles-writes', 'articles-0*')],
      ['es:ESHttpPut es:ESHttpDelete', under('articles-0*')],
      ['es:ESHttpPost', under('_aliases', 'articles-0*-writes/_bulk', 'articles-0*/_mget', 'articles-0*/_refresh')],
      [
        'sqs:ReceiveMessage sqs:ChangeMessageVisibility sqs:GetQueueUrl sqs:DeleteMessage sqs:GetQueueAttributes',
        '<ReindexerQueue.Arn>',
      ],
    ]);
    const patterns = ['articles', 'articles-0*', 'articles-zero-etl-0*', 'articles-writes'];
    expect(mappingsOf(template)[1]).toMatchObject({
      role: 'articles-reindex',
      backendRoles: [flat(stack.resolve(search.reindexer!.role!.roleArn))],
      indexPermissions: [{ index_patterns: patterns }],
    });
  });

  test('the function that makes the index may begin jobs, and remove what a cancelled one has made', () => {
    const all = rightsOf(template, 'SearchManagerRole', names);
    expect(all).toContainEqual(['es:ESHttpDelete', '<Domain.Arn>/articles-0*']);
    expect(all).toContainEqual(['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<ReindexerQueue.Arn>']);
    expect(all.flatMap(([, on]) => on.split(' '))).not.toContain('<Table.Arn>');
    template.hasResourceProperties('AWS::Lambda::Function', {
      Description: Match.stringLikeRegexp('at deployment'),
      Environment: {
        Variables: Match.objectLike({ JOBS_TABLE_NAME: Match.anyValue(), JOBS_QUEUE_URL: Match.anyValue() }),
      },
    });
  });

  test('a deployment asks for what was in the table before, unless it is told not to', () => {
    template.hasResourceProperties('Custom::SearchIndex', {
      Source: JSON.stringify(ARTICLE_DOCUMENTS),
      Backfill: 'true',
    });
    const without = make({ ingestion: SearchIngestion.lambda({ backfill: false }) });
    expect(propertiesOf(without.template, 'Custom::SearchIndex')).toMatchObject({ Backfill: 'false' });
  });

  test('what fails too often alarms, by a threshold that can be set', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Dimensions: [{ Name: 'QueueName', Value: stack.resolve(search.jobsDeadLetterQueue!.queueName) as unknown }],
      Threshold: 0,
    });
    expect(Object.keys(search.alarms)).toContain('JobDeadLetterAlarm');
    const without = make({ ingestion: SearchIngestion.lambda(), alarmThresholds: { jobDeadLetters: {} } });
    expect(Object.keys(without.search.alarms)).not.toContain('JobDeadLetterAlarm');
  });

  test('the table of jobs is protected as other data are, and encrypted by the same key', () => {
    template.hasResource('AWS::DynamoDB::Table', {
      DeletionPolicy: 'Retain',
      Properties: { TimeToLiveSpecification: { AttributeName: 'expiresAt' }, DeletionProtectionEnabled: true },
    });
    const other = new Stack(new App(), 'Other');
    const encryptionKey = new kms.Key(other, 'Key');
    const mine = new SearchIndexPipeline(other, 'Search', {
      ingestion: SearchIngestion.lambda(),
      encryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const synthesized = Template.fromStack(other);
    const [, jobs] = resourcesOf(synthesized, 'AWS::DynamoDB::Table').find(([id]) => id.includes('Jobs'))!;
    expect(jobs).toMatchObject({
      DeletionPolicy: 'Delete',
      Properties: { SSESpecification: { KMSMasterKeyId: other.resolve(encryptionKey.keyArn) as unknown } },
    });
    expect(mine.jobsTable).toBeDefined();
  });

  test('has no finding', () => {
    expect(new AwsSolutionsChecks(app).validateScope(app).violations).toEqual([]);
  });

  test('with zero-ETL there is none of it', () => {
    const zeroEtl = make();
    expect(zeroEtl.search.reindexer).toBeUndefined();
    zeroEtl.template.resourceCountIs('AWS::SQS::Queue', 0);
    expect(propertiesOf(zeroEtl.template, 'Custom::SearchIndex')).not.toHaveProperty('Source');
    expect(() => zeroEtl.search.metricJobDeadLetters()).toThrow('needs jobsDeadLetterQueue');
  });
});
