import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { FeedFanout, RealWorldApi, SocialTable } from '../src';
import { statementsOf } from './support/realworld-api';

/** Of what everybody writes. */
const WRITERS_AND_READERS = [
  ...['CreateArticle', 'UpdateArticle', 'DeleteArticle', 'CreateArticleFavorite', 'DeleteArticleFavorite'],
  ...['UpdateCurrentUser', 'GetArticles', 'GetArticlesFeed', 'GetArticleComments', 'GetTags', 'CleanUp'],
];

describe('RealWorldApi on what others have, and for others', () => {
  test('works on the table and feed of others, in other stacks, without cyclic references', () => {
    const app = new App();
    const table = new SocialTable(new Stack(app, 'Data'), 'Table');
    const feed = new FeedFanout(new Stack(app, 'FeedStack'), 'Feed', { table });
    const api = new RealWorldApi(new Stack(app, 'ApiStack'), 'Api', { table, feed });
    expect(api.table).toBe(table);
    expect(() => app.synth()).not.toThrow();
    Template.fromStack(Stack.of(api)).resourceCountIs('AWS::DynamoDB::Table', 1);
  });

  test('takes the table of the feed it is given', () => {
    const stack = new Stack(new App(), 'Stack');
    const feed = new FeedFanout(stack, 'Feed');
    expect(new RealWorldApi(stack, 'Api', { feed }).table).toBe(feed.table);
  });

  test('tells its functions on how many partitions the table spreads what everybody writes, where it does', () => {
    const told = (writeShards?: number) => {
      const stack = new Stack(new App(), 'Stack');
      new RealWorldApi(stack, 'Api', { table: new SocialTable(stack, 'Table', { writeShards }) });
      const functions = Object.entries(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
      return WRITERS_AND_READERS.map((name) => {
        const found = functions.filter(([id]) => new RegExp(`^Api${name}(Function)?[0-9A-F]{8}$`).test(id));
        expect([name, found.length]).toEqual([name, 1]);
        return found[0][1].Properties.Environment.Variables.WRITE_SHARDS as string | undefined;
      });
    };
    expect(new Set(told(4))).toEqual(new Set(['4']));
    expect(new Set(told())).toEqual(new Set([undefined]));
  });

  test('refuses a feed on another table, naming both', () => {
    const stack = new Stack(new App(), 'Stack');
    const feed = new FeedFanout(stack, 'Feed');
    const table = new SocialTable(stack, 'Other');
    expect(() => new RealWorldApi(stack, 'Api', { feed, table })).toThrow(
      /same table.*Stack\/Feed\/Table.*Stack\/Other/,
    );
  });

  test('uses tables and signing key of before, with the keys that encrypt them, and makes none', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = (id: string) =>
      dynamodb.Table.fromTableAttributes(stack, id, {
        tableName: id.toLowerCase(),
        encryptionKey: kms.Key.fromKeyArn(stack, `${id}Key`, `arn:aws:kms:eu-west-1:111111111111:key/${id}`),
      });
    const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:signing-AbCdEf';
    const api = new RealWorldApi(stack, 'Api', {
      table: SocialTable.fromSocialTableAttributes(stack, 'Social', {
        tableArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/social',
        tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/social/stream/1',
      }),
      accountsTable: table('Accounts'),
      feedTable: table('Feeds'),
      signingKey: secretsmanager.Secret.fromSecretCompleteArn(stack, 'Signing', secretArn),
    });
    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::DynamoDB::Table', 0);
    template.resourceCountIs('AWS::SecretsManager::Secret', 0);
    template.hasResourceProperties('Custom::JwtKeyPair', { SecretArn: secretArn, TableName: 'accounts' });
    template.hasResourceProperties('AWS::SecretsManager::RotationSchedule', { SecretId: secretArn });
    expect(api.accountsTable.tableName).toBe('accounts');
    expect(api.feed.feedTable.tableName).toBe('feeds');
    const login = statementsOf(template, 'Login');
    expect(login).toContainEqual(
      expect.objectContaining({
        Action: expect.arrayContaining(['kms:Decrypt']) as unknown,
        Resource: 'arn:aws:kms:eu-west-1:111111111111:key/Accounts',
      }),
    );
    expect(() => new RealWorldApi(stack, 'B', { feed: api.feed, feedTable: table('Other') })).toThrow(
      'Either provide feed or feedTable, but not both',
    );
  });

  test('shares table, feed and clean-up with another API', () => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    const first = new RealWorldApi(stack, 'First');
    const second = new RealWorldApi(stack, 'Second', { table: first.table, feed: first.feed });
    expect(second.cleanUp).toBe(first.cleanUp);
    Template.fromStack(stack).resourceCountIs('AWS::DynamoDB::Table', 4);
  });

  test('on a table that has a FeedFanout says that it is to be used', () => {
    const stack = new Stack(new App(), 'Stack');
    const { table } = new RealWorldApi(stack, 'First');
    expect(() => new RealWorldApi(stack, 'Second', { table })).toThrow(
      'table takes one FeedFanout: use the one it has, got another for Stack/First/Table [at Stack/Second/Feed]',
    );
  });

  test('imported has addresses and metrics', () => {
    const stack = new Stack(new App(), 'Stack');
    const cleanUpQueue = sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:eu-west-1:111111111111:clean-up');
    const api = RealWorldApi.fromRealWorldApiAttributes(stack, 'Api', {
      httpApiId: 'abc',
      url: 'https://api.example.com/api',
      cleanUpQueue,
    });
    expect(api.docsUrl).toBe('https://api.example.com/docs');
    expect(api.metricServerError()).toMatchObject({ metricName: '5xx', dimensions: { ApiId: 'abc' } });
    expect(api.metricCleanUpLag()).toMatchObject({ metricName: 'ApproximateAgeOfOldestMessage' });
    expect(() => api.metricCleanUpDeadLetters()).toThrow('needs cleanUpDeadLetterQueue: give it to fromRealWorldApi');
  });
});
