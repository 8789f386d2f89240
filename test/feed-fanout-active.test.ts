import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { FeedFanout, FeedSource } from '../src/feed-fanout';
import { RealWorldApi } from '../src/realworld-api';
import { SocialTable } from '../src/social-table';

process.env.CDK_VALIDATION = 'false';

interface Statement {
  readonly Action: string | string[];
  readonly Condition?: { readonly 'ForAllValues:StringLike'?: { readonly 'dynamodb:LeadingKeys': string[] } };
}
interface Policy {
  readonly Properties: { readonly PolicyDocument: { readonly Statement: Statement[] } };
}

/** What a role may do with items, action by action: the kinds of keys, over both tables. */
function rightsOf(template: Template, prefix: string): Record<string, string[]> {
  const rights: Record<string, string[]> = {};
  const policies = Object.entries(template.findResources('AWS::IAM::Policy') as Record<string, Policy>);
  for (const [, policy] of policies.filter(([id]) => id.startsWith(prefix))) {
    for (const { Action: action, Condition: on } of policy.Properties.PolicyDocument.Statement) {
      for (const name of [action].flat().filter((one) => one.startsWith('dynamodb:'))) {
        (rights[name] ??= []).push(...(on?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'] ?? ['*']));
      }
    }
  }
  return rights;
}

function make(activeWithin?: Duration) {
  const stack = new Stack(new App(), 'Stack');
  const feed = new FeedFanout(stack, 'Fanout', { activeWithin });
  const api = new RealWorldApi(stack, 'Api', { feed });
  const template = Template.fromStack(stack);
  return { stack, feed, api, template };
}

const settingsOf = (template: Template) =>
  JSON.stringify(template.findResources('AWS::Lambda::Function')).match(/"FEED_ACTIVE_SECONDS":"\d+"/g) ?? [];
const worker = (template: Template) => rightsOf(template, 'FanoutWorkerRole');
const reader = (template: Template) => rightsOf(template, 'ApiGetArticlesFeed');

describe('activeWithin', () => {
  const off = make();
  const on = make(Duration.days(28));

  test('is what the worker and the function that reads feeds are told, and nobody else', () => {
    expect(on.feed.activeWithin).toEqual(Duration.days(28));
    expect(settingsOf(on.template)).toEqual(Array(2).fill('"FEED_ACTIVE_SECONDS":"2419200"'));
    for (const id of ['Puts articles into feeds', 'List articles of those whom']) {
      on.template.hasResourceProperties('AWS::Lambda::Function', {
        Description: Match.stringLikeRegexp(id),
        Environment: { Variables: Match.objectLike({ FEED_ACTIVE_SECONDS: '2419200' }) },
      });
    }
  });

  test('lets the worker read and write marks of activity', () => {
    const [before, after] = [worker(off.template), worker(on.template)];
    const added = Object.entries(after).map(([action, keys]) => [
      action.replace('dynamodb:', ''),
      keys.filter((key) => !before[action]?.includes(key)),
    ]);
    expect(Object.fromEntries(added)).toEqual({
      GetItem: ['FEED_READERS#*'],
      Query: [],
      UpdateItem: [],
      PutItem: ['FEED_READERS#*'],
      BatchWriteItem: [],
    });
  });

  test('lets the worker end that follows are dormant also where it is not set, and change nothing else of whom others follow', () => {
    for (const { template } of [off, on]) {
      const rights = worker(template);
      expect(rights['dynamodb:Query']).toContain('FOLLOWS#*');
      const updates = { Action: 'dynamodb:UpdateItem', Effect: 'Allow', Resource: Match.anyValue() };
      const Condition = {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['FOLLOWERS#*'] },
        'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['PK', 'SK', 'awakeSince', 'dormant'] },
        Null: { 'dynamodb:LeadingKeys': 'false', 'dynamodb:Attributes': 'false' },
      };
      template.hasResourceProperties('AWS::IAM::Policy', {
        PolicyDocument: { Statement: Match.arrayWith([{ ...updates, Condition }]) },
      });
      expect(rights['dynamodb:UpdateItem']).toEqual(expect.arrayContaining(['FOLLOWS#*', 'FOLLOWERS#*']));
    }
  });

  test('lets the reader of feeds read and write marks of activity, and no other function', () => {
    const [before, after] = [reader(off.template), reader(on.template)];
    expect(after).toEqual({
      ...before,
      'dynamodb:DeleteItem': ['FEED_READERS#*'],
      'dynamodb:GetItem': ['FEED_READERS#*'],
      'dynamodb:PutItem': ['FEED_READERS#*'],
    });
    const policies = on.template.findResources('AWS::IAM::Policy');
    const others = Object.keys(policies).filter((id) => JSON.stringify(policies[id]).includes('FEED_READERS#'));
    expect(others.map((id) => id.replace(/(Service)?Role.*/, '')).sort()).toEqual([
      'ApiGetArticlesFeed',
      'FanoutWorker',
    ]);
  });

  test('has the router tell of marks that come and go', () => {
    const routed = ({ template }: typeof on) => JSON.stringify(template.toJSON()).includes('feed-reader-left');
    const filtered = ({ template }: typeof on) =>
      JSON.stringify(template.findResources('AWS::Lambda::EventSourceMapping')).match(/FeedReader/g)?.length;
    expect([routed(off), filtered(off)]).toEqual([false, undefined]);
    expect([routed(on), filtered(on)]).toEqual([true, 2]);
  });

  test('is asked of nobody where it is not set', () => {
    expect(off.feed.activeWithin).toBeUndefined();
    expect(settingsOf(off.template)).toEqual([]);
    expect(JSON.stringify(off.template.toJSON())).not.toContain('FEED_READERS#');
  });

  test.each([
    [Duration.days(3), 'activeWithin must be whole seconds from 345600 to 31622400, got: 259200'],
    [Duration.days(367), 'activeWithin must be whole seconds from 345600 to 31622400, got: 31708800'],
  ])('is refused out of bounds: %p', (activeWithin, message) => {
    expect(() => make(activeWithin)).toThrow(message);
  });

  test('is refused with tables of one’s own, whose readers nobody notes', () => {
    const stack = new Stack(new App(), 'Stack');
    const STRING = dynamodb.AttributeType.STRING;
    const table = new dynamodb.Table(stack, 'Table', {
      partitionKey: { name: 'PK', type: STRING },
      sortKey: { name: 'SK', type: STRING },
      stream: dynamodb.StreamViewType.KEYS_ONLY,
    });
    const source = FeedSource.fromTables({
      items: { table, author: { attribute: 'PK', prefix: 'A#' }, id: { attribute: 'SK' } },
      followers: { table, followee: { attribute: 'PK', prefix: 'F#' }, follower: { attribute: 'SK' } },
    });
    expect(() => new FeedFanout(stack, 'Fanout', { source, activeWithin: Duration.days(9) })).toThrow(
      'activeWithin needs a SocialTable: nobody notes who reads feeds of source [at Stack/Fanout]',
    );
  });

  test('of an imported FeedFanout is as it says', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = SocialTable.fromSocialTableAttributes(stack, 'Social', { tableName: 'social' });
    const feedTable = dynamodb.Table.fromTableName(stack, 'Feeds', 'feeds');
    const attributes = { table, feedTable, activeWithin: Duration.days(5) };
    expect(FeedFanout.fromFeedFanoutAttributes(stack, 'Fanout', attributes).activeWithin).toEqual(Duration.days(5));
  });
});
