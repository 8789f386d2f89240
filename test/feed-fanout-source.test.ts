import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { RealWorldApi } from '../src';
import { FeedFanout, FeedFanoutProps, FeedSource, FeedTablesOptions } from '../src/feed-fanout';
import { SocialTable, TableBilling } from '../src/social-table';

/** A FeedFanout on tables that are no SocialTable. */

process.env.CDK_VALIDATION = 'false';

const text = (name: string): dynamodb.Attribute => ({ name, type: dynamodb.AttributeType.STRING });
const STREAM = dynamodb.StreamViewType.KEYS_ONLY;

function tableOf(
  stack: Stack,
  id: string,
  partitionKey: string,
  sortKey: string,
  more: Partial<dynamodb.TableProps> = {},
) {
  return new dynamodb.Table(stack, id, {
    partitionKey: text(partitionKey),
    sortKey: text(sortKey),
    stream: STREAM,
    ...more,
  });
}

function twoTables(stack: Stack): FeedTablesOptions {
  return {
    items: {
      table: tableOf(stack, 'Posts', 'author', 'id'),
      author: { attribute: 'author' },
      id: { attribute: 'id' },
    },
    followers: {
      table: tableOf(stack, 'Follows', 'followee', 'follower'),
      followee: { attribute: 'followee' },
      follower: { attribute: 'follower' },
    },
  };
}

function oneTable(stack: Stack, table: dynamodb.ITable = tableOf(stack, 'All', 'PK', 'SK')): FeedTablesOptions {
  return {
    items: { table, author: { attribute: 'PK', prefix: 'USER#' }, id: { attribute: 'SK', prefix: 'POST#' } },
    followers: {
      table,
      followee: { attribute: 'PK', prefix: 'FOLLOWERS#' },
      follower: { attribute: 'SK', prefix: 'USER#' },
    },
  };
}

function make(options: (stack: Stack) => FeedTablesOptions, props: Omit<FeedFanoutProps, 'source'> = {}) {
  const stack = new Stack(new App(), 'Stack');
  const tables = options(stack);
  const feed = new FeedFanout(stack, 'Fanout', { ...props, source: FeedSource.fromTables(tables) });
  return { stack, feed, tables, template: Template.fromStack(stack) };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** What one role may do, without what every function may. */
const statementsOf = (template: Template, prefix: string): Statement[] =>
  Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(prefix))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    )
    .filter((statement) => !JSON.stringify(statement.Action).match(/logs:|xray:|sqs:/));

const keys = (...patterns: string[]) => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': patterns },
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

const patternsOf = (template: Template): unknown[] =>
  Object.values(template.findResources('AWS::Lambda::EventSourceMapping')).flatMap((mapping) => {
    const { FilterCriteria: criteria } = (
      mapping as { Properties: { FilterCriteria?: { Filters: { Pattern: string }[] } } }
    ).Properties;
    return criteria ? [criteria.Filters.map(({ Pattern: pattern }) => JSON.parse(pattern) as unknown)] : [];
  });

describe('on two tables', () => {
  const { stack, feed, tables, template } = make(twoTables);

  test('has the feed table beside them, and no SocialTable', () => {
    template.resourceCountIs('AWS::DynamoDB::Table', 3);
    expect(feed.table).toBeUndefined();
  });

  test('reads both streams by one function, what came and went alone, with finite retries', () => {
    for (const table of [tables.items.table, tables.followers.table]) {
      template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
        EventSourceArn: stack.resolve(table.tableStreamArn),
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: 20,
        MaximumRecordAgeInSeconds: 12 * 3600,
        BisectBatchOnFunctionError: true,
        DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      });
    }
    const came = { eventName: ['INSERT', 'REMOVE'] };
    expect(patternsOf(template)).toEqual([[came], [came]]);
    template.resourceCountIs('AWS::Lambda::Function', 2);
  });

  test('tells both functions of the keys', () => {
    const source = {
      'Fn::Join': [
        '',
        [
          '{"items":{"tableName":"',
          { Ref: Match.stringLikeRegexp('^Posts') },
          '","partition":{"attribute":"author","prefix":""},"sort":{"attribute":"id","prefix":""}},"followers":{"tableName":"',
          { Ref: Match.stringLikeRegexp('^Follows') },
          '","partition":{"attribute":"followee","prefix":""},"sort":{"attribute":"follower","prefix":""}}}',
        ],
      ],
    };
    template.resourcePropertiesCountIs(
      'AWS::Lambda::Function',
      { Environment: { Variables: { FEED_SOURCE: source } } },
      2,
    );
  });

  test('the worker reads the tables and writes to none of them', () => {
    const arnOf = (table: dynamodb.ITable) => stack.resolve(table.tableArn) as unknown;
    const reads = (table: dynamodb.ITable) => ({
      Effect: 'Allow',
      Action: ['dynamodb:GetItem', 'dynamodb:Query'],
      Resource: arnOf(table),
      Condition: keys('*'),
    });
    const [items, followers, ...feeds] = statementsOf(template, 'FanoutWorkerRole');
    expect([items, followers]).toEqual([reads(tables.items.table), reads(tables.followers.table)]);
    expect(feeds.map(({ Resource: resource }) => resource)).toEqual(feeds.map(() => arnOf(feed.feedTable)));
    expect(JSON.stringify(feeds)).not.toContain('REMOVALS');
  });

  test('the router reads the streams, and nothing of the tables', () => {
    const streams = [tables.items.table, tables.followers.table].map(({ tableStreamArn }) =>
      stack.resolve(tableStreamArn),
    );
    const statements = statementsOf(template, 'FanoutSourceHandlerRole');
    expect(statements.map(({ Resource: resource }) => resource)).toEqual(streams);
    expect(new Set(statements.flatMap(({ Action: action }) => action))).toEqual(
      new Set(['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((name) => `dynamodb:${name}`)),
    );
  });

  test('has alarms and metrics as any other', () => {
    expect(Object.keys(feed.alarms).sort()).toEqual([
      'DeadLetterAlarm',
      'RouterDeadLetterAlarm',
      'RouterLagAlarm',
      'WorkerLagAlarm',
    ]);
  });

  test('grantReadFeed suffices for a reader', () => {
    const app = new Stack(new App(), 'Stack');
    const fanout = new FeedFanout(app, 'Fanout', { source: FeedSource.fromTables(twoTables(app)) });
    fanout.grantReadFeed(new iam.Role(app, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(statementsOf(Template.fromStack(app), 'Reader')).toEqual([
      {
        Effect: 'Allow',
        Action: 'dynamodb:Query',
        Resource: app.resolve(fanout.feedTable.tableArn) as unknown,
        Condition: keys('USER#*', 'AUTHOR#*', 'PULLED#*'),
      },
    ]);
  });
});

describe('on one table', () => {
  test('reads its stream once, by the prefixes of both kinds, and so the worker the table', () => {
    const { stack, tables, template } = make(oneTable);
    const pattern = (PK: string, SK: string) => ({
      eventName: ['INSERT', 'REMOVE'],
      dynamodb: { Keys: { PK: { S: [{ prefix: PK }] }, SK: { S: [{ prefix: SK }] } } },
    });
    expect(patternsOf(template)).toEqual([[pattern('USER#', 'POST#'), pattern('FOLLOWERS#', 'USER#')]]);
    const Resource = stack.resolve(tables.items.table.tableArn) as unknown;
    expect(statementsOf(template, 'FanoutWorkerRole').slice(0, 2)).toMatchObject([
      { Resource, Condition: keys('USER#*') },
      { Resource, Condition: keys('FOLLOWERS#*') },
    ]);
  });

  test.each<[string, (stack: Stack) => dynamodb.ITable]>([
    [
      'a TableV2',
      (stack) =>
        new dynamodb.TableV2(stack, 'All', { partitionKey: text('PK'), sortKey: text('SK'), dynamoStream: STREAM }),
    ],
    [
      'an imported one',
      (stack) =>
        dynamodb.Table.fromTableAttributes(stack, 'All', {
          tableArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/all',
          tableStreamArn: 'arn:aws:dynamodb:eu-west-1:111111111111:table/all/stream/2026',
        }),
    ],
  ])('which may be %s', (_, table) => {
    const { template } = make((stack) => oneTable(stack, table(stack)));
    expect(patternsOf(template)).toHaveLength(1);
  });

  test('whose key the functions may use to decrypt', () => {
    const { stack, tables, template } = make((made) =>
      oneTable(
        made,
        tableOf(made, 'All', 'PK', 'SK', {
          encryption: dynamodb.TableEncryption.CUSTOMER_MANAGED,
          encryptionKey: new kms.Key(made, 'Key'),
        }),
      ),
    );
    const Resource = stack.resolve(tables.items.table.encryptionKey?.keyArn) as unknown;
    for (const role of ['FanoutWorkerRole', 'FanoutSourceHandlerRole']) {
      expect(statementsOf(template, role)).toContainEqual({ Effect: 'Allow', Action: 'kms:Decrypt', Resource });
    }
  });
});

describe('refuses at synth', () => {
  const on = (change: (stack: Stack, options: FeedTablesOptions) => FeedTablesOptions) => () =>
    make((stack) => change(stack, twoTables(stack)));
  const items = (more: Partial<FeedTablesOptions['items']>) =>
    on((_, options) => ({ ...options, items: { ...options.items, ...more } }));

  test.each<[string, () => unknown, string]>([
    [
      'another attribute than the partition key',
      items({ author: { attribute: 'writer' } }),
      'source.items.author must be the partition key of Stack/Posts, author, got: writer',
    ],
    [
      'another attribute than the partition key of a TableV2',
      on((stack, options) => ({
        ...options,
        items: {
          ...options.items,
          table: new dynamodb.TableV2(stack, 'Other', {
            partitionKey: text('writer'),
            sortKey: text('id'),
            dynamoStream: STREAM,
          }),
        },
      })),
      'source.items.author must be the partition key of Stack/Other, writer, got: author',
    ],
    [
      'another attribute than the sort key',
      on((stack, options) => ({
        ...options,
        followers: { ...options.followers, table: tableOf(stack, 'Other', 'followee', 'since') },
      })),
      'source.followers.follower must be the sort key of Stack/Other, since, got: follower',
    ],
    [
      'a table without a sort key',
      on((stack, options) => ({
        ...options,
        items: {
          ...options.items,
          table: new dynamodb.Table(stack, 'Other', { partitionKey: text('author'), stream: STREAM }),
        },
      })),
      'source.items.id must be the sort key of Stack/Other, none, got: id',
    ],
    [
      'a key that is a number',
      on((stack, options) => ({
        ...options,
        items: {
          ...options.items,
          table: tableOf(stack, 'Other', 'author', 'id', {
            sortKey: { name: 'id', type: dynamodb.AttributeType.NUMBER },
          }),
        },
      })),
      'source.items.id must be a text (S), got: id of type N',
    ],
    [
      'an attribute without a name',
      items({ id: { attribute: '' } }),
      "source.items.id.attribute must be a name of 1 to 255 bytes, got: ''",
    ],
    [
      'an attribute that is a token',
      items({ id: { attribute: Lazy.string({ produce: () => 'id' }) } }),
      'source.items.id.attribute must be a name of 1 to 255 bytes, got: a token',
    ],
    [
      'a prefix that a policy would not take by its letters',
      items({ author: { attribute: 'author', prefix: 'A*' } }),
      "source.items.author.prefix must be a text without *, ? and $, got: 'A*'",
    ],
    [
      'a table without a stream',
      on((stack, options) => ({
        ...options,
        items: { ...options.items, table: tableOf(stack, 'Other', 'author', 'id', { stream: undefined }) },
      })),
      'source.items.table needs a stream, Stack/Other has none: set stream',
    ],
    [
      'a TableV2 without a stream',
      on((stack, options) => ({
        ...options,
        items: {
          ...options.items,
          table: new dynamodb.TableV2(stack, 'Other', { partitionKey: text('author'), sortKey: text('id') }),
        },
      })),
      'source.items.table needs a stream, Stack/Other has none',
    ],
    [
      'kinds in one table that nothing tells apart',
      () =>
        make((stack) => {
          const { items: some, followers } = oneTable(stack);
          return {
            items: { ...some, id: { attribute: 'SK' } },
            followers: { ...followers, followee: { attribute: 'PK', prefix: 'USER#FOLLOWED#' } },
          };
        }),
      "in one table must be told apart by the prefixes of their partition keys or of their sort keys, got: 'USER#' and " +
        "'USER#FOLLOWED#', '' and 'USER#'",
    ],
    [
      'a SocialTable beside it',
      () => make(twoTables, { table: new SocialTable(new Stack(new App(), 'Other'), 'Table') }),
      'Either provide source or table, but not both',
    ],
    [
      'a billing for a feed table that is there already',
      () => {
        const stack = new Stack(new App(), 'Stack');
        return new FeedFanout(stack, 'Fanout', {
          source: FeedSource.fromTables(twoTables(stack)),
          feedTable: dynamodb.Table.fromTableName(stack, 'Feeds', 'feeds'),
          billing: TableBilling.onDemand(),
        });
      },
      'Either provide feedTable or billing, but not both',
    ],
    [
      'a third reader of a stream',
      () =>
        make((stack) => {
          const options = oneTable(stack);
          const again = () =>
            new FeedFanout(stack, `Fanout${stack.node.children.length}`, { source: FeedSource.fromTables(options) });
          again();
          again();
          return options;
        }),
      'A DynamoDB stream takes at most 2 readers; Stack/All is read by',
    ],
    [
      'a RealWorldApi on it',
      () => {
        const stack = new Stack(new App(), 'Stack');
        const feed = new FeedFanout(stack, 'Fanout', { source: FeedSource.fromTables(twoTables(stack)) });
        return new RealWorldApi(stack, 'Api', { feed });
      },
      'feed must be on a SocialTable, got one of tables of your own: Stack/Fanout',
    ],
  ])('%s', (_, making, message) => {
    expect(making).toThrow(message);
  });
});
