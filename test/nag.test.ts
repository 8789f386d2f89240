import { App, Aspects, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { BackupPlan } from 'aws-cdk-lib/aws-backup';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AwsSolutionsChecks as AwsSolutionsChecks2 } from 'cdk-nag-2';
import {
  EventSourcedApi,
  FeedFanout,
  FeedSource,
  ItemsApi,
  PersonalisationApi,
  RealWorldApi,
  SearchIndexPipeline,
  SearchIngestion,
  SearchTarget,
  ServiceAuthorizer,
  ServiceStage,
  SocialEvent,
  SocialTable,
  TableMigration,
} from '../src';

/** What users of this library check their apps with: cdk-nag 3 asks CDK's validations, cdk-nag 2 is an aspect. */
const NAG: [string, (app: App, stack: Stack) => string[]][] = [
  ['cdk-nag 3', (app) => new AwsSolutionsChecks(app).validateScope(app).violations.map(({ ruleName }) => ruleName)],
  [
    'cdk-nag 2',
    (app, stack) => {
      Aspects.of(app).add(new AwsSolutionsChecks2());
      const anyRule = Match.stringLikeRegexp('AwsSolutions-.*');
      const found = Annotations.fromStack(stack);
      return [...found.findError('*', anyRule), ...found.findWarning('*', anyRule)].map(
        ({ entry }) => /AwsSolutions-\w+(\[[^\]]*\])?/.exec(String(entry.data))?.[0] ?? String(entry.data),
      );
    },
  ],
];

const CONSTRUCTS: [string, (stack: Stack) => unknown][] = [
  [
    'SocialTable',
    (stack) => new SocialTable(stack, 'It').addStreamConsumer('Mine', { events: [SocialEvent.FOLLOWED] }),
  ],
  ['TableMigration', (stack) => new TableMigration(stack, 'It', { table: new SocialTable(stack, 'Table') })],
  ['FeedFanout', (stack) => new FeedFanout(stack, 'It')],
  [
    'FeedFanout on tables of its user’s',
    (stack) => {
      const text = (name: string) => ({ name, type: AttributeType.STRING });
      const table = new Table(stack, 'Table', {
        partitionKey: text('PK'),
        sortKey: text('SK'),
        stream: StreamViewType.KEYS_ONLY,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      });
      const [author, id, follower] = ['USER#', 'POST#', 'FOLLOWER#'];
      const source = FeedSource.fromTables({
        items: { table, author: { attribute: 'PK', prefix: author }, id: { attribute: 'SK', prefix: id } },
        followers: {
          table,
          followee: { attribute: 'PK', prefix: author },
          follower: { attribute: 'SK', prefix: follower },
        },
      });
      return new FeedFanout(stack, 'It', { source });
    },
  ],
  ['RealWorldApi', (stack) => new RealWorldApi(stack, 'It')],
  [
    'ItemsApi',
    (stack) => new ItemsApi(stack, 'It', { stage: ServiceStage.PROD, authorizer: ServiceAuthorizer.open() }),
  ],
  [
    'PersonalisationApi with a backup plan',
    (stack) =>
      new PersonalisationApi(stack, 'It', {
        authorizer: ServiceAuthorizer.open(),
        backupPlan: BackupPlan.dailyMonthly1YearRetention(stack, 'Plan'),
      }),
  ],
  ['EventSourcedApi', (stack) => new EventSourcedApi(stack, 'It')],
  ['SearchIndexPipeline', (stack) => new SearchIndexPipeline(stack, 'It')],
  [
    'SearchIndexPipeline by Lambda',
    (stack) => new SearchIndexPipeline(stack, 'It', { ingestion: SearchIngestion.lambda() }),
  ],
  [
    'SearchIndexPipeline into a collection',
    (stack) => new SearchIndexPipeline(stack, 'It', { target: SearchTarget.serverlessCollection() }),
  ],
];

describe.each(NAG)('with %s', (_, findings) => {
  test.each(CONSTRUCTS)('an app of %s has no finding', (__, make) => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    make(stack);
    expect(findings(app, stack)).toEqual([]);
  });

  test('what a user adds to a function of this library is still found', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const api = new RealWorldApi(stack, 'It');
    api.functions.GetArticle.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['dynamodb:GetItem'], resources: ['*'] }),
    );
    expect(findings(app, stack)).toEqual(['AwsSolutions-IAM5[Resource::*]']);
  });
});
