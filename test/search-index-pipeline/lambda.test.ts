import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { flat, make, mappingsOf, namesIn, propertiesOf, resourcesOf, rightsOf } from './synthesized';
import { SearchIngestion } from '../../src';

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
          DEAD_LETTER_QUEUE_URL: stack.resolve(search.deadLetterQueue!.queueUrl) as unknown,
        }),
      },
    });
  });

  test('the indexer may find the indexes that take writes, write to these in bulk, read the stream and use its queue, and nothing else', () => {
    expect(rightsOf(template, 'SearchIndexerHandlerRole', names)).toEqual([
      ['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<Queue.Arn>'],
      ['es:ESHttpGet', '<Domain.Arn>/articles-writes'],
      ['es:ESHttpPost', '<Domain.Arn>/articles-0*-writes/_bulk'],
      [
        'dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams',
        '<Table.StreamArn>',
      ],
    ]);
    expect(mappingsOf(template)[0]).toEqual({
      role: 'articles-ingest',
      backendRoles: [flat(stack.resolve(search.indexer!.role!.roleArn))],
      clusterPermissions: ['indices:data/write/bulk'],
      indexPermissions: [
        {
          index_patterns: ['articles-0*', 'articles-writes'],
          allowed_actions: ['indices:admin/get', 'indices:data/write/*'],
        },
      ],
    });
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
