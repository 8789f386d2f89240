import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { itemRightsOf, one, resourcesOf, synthesize } from './synthesized';
import { EventSourcedApi, EventSourcedDomain, TableBilling } from '../../src';
import { mappingTemplates } from '../support/event-templates/synthesized-templates';

const folder = mkdtempSync(join(tmpdir(), 'domains-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SCHEMA = `
type Thing { id: ID! }
type Page { items: [Thing!]! nextToken: String }
type Mutation { make(id: ID!, commandId: ID!): CommandResult! }
type Query {
  thing(id: ID!): Thing @view(name: "things", readers: ["*"])
  mine(limit: Int, nextToken: String): Page! @list(view: "things", name: "byOwner", of: CALLER, order: ASCENDING)
}
`;
const CODE = `exports.domain = { aggregate: 'Thing', commands: { make() {} }, views: { things: {}, 'things-v2': {} } };`;

let count = 0;
/** A folder with the files of a domain. */
function domain(code = CODE, schema = SCHEMA): string {
  const directory = join(folder, String(count++));
  mkdirSync(directory);
  writeFileSync(join(directory, 'index.js'), code);
  writeFileSync(join(directory, 'schema.graphql'), schema);
  return directory;
}
const brought = (...files: string[]) => ({ domain: EventSourcedDomain.fromDirectory(domain(...files)) });

describe('a domain of your own', () => {
  const { template } = synthesize(brought());

  test('says the keys to which rights are bound, and what templates read', () => {
    expect(itemRightsOf(template, 'DecideRole')).toEqual([[['Query'], 'EventTable', ['Thing#*']]]);
    expect(itemRightsOf(template, 'ProjectRole')[1][2]).toEqual(['things#*', 'things-v2#*']);
    const templates = mappingTemplates(template);
    expect(templates.get('Query.thing request')).toContain("'things#'");
    expect(templates.get('Query.thing response')).toContain('#set($isReader = true)');
    expect(templates.get('Query.mine request')).toContain("'things#byOwner#'");
    expect(templates.get('Query.mine request')).toContain('"scanIndexForward": true');
    expect(templates.get('Query.events request')).toContain("'Thing#'");
    expect(Object.keys(resourcesOf(template, 'AWS::Cognito::UserPoolGroup'))).toEqual([]);
  });

  test('has another view in place of one, in queries, subscriptions and what is told', () => {
    const { template: switched } = synthesize({ ...brought(), liveViews: { things: 'things-v2' } });
    const templates = mappingTemplates(switched);
    for (const name of ['Query.thing request', 'MayWatchThing request']) {
      expect(templates.get(name)).toContain("'things-v2#'");
    }
    expect(templates.get('Query.mine request')).toContain("'things-v2#byOwner#'");
    expect(itemRightsOf(switched, 'QueryApiReadModelRole')[0][2]).toEqual(['things-v2#*']);
    expect(one(switched, 'AWS::Lambda::Function', 'Project').Properties).toMatchObject({
      Environment: { Variables: { LIVE_VIEWS: '{"things":"things-v2"}' } },
    });
  });

  test('keeps the name of a view in its schema when only the new one is left', () => {
    const code = CODE.replace('things: {}, ', '');
    expect(() => synthesize(brought(code))).toThrow('Query.thing: the domain has no view things, but: things-v2');
    const { template: last } = synthesize({ ...brought(code), liveViews: { things: 'things-v2' } });
    expect(mappingTemplates(last).get('Query.thing request')).toContain("'things-v2#'");
  });

  test.each([
    ['has no code', () => EventSourcedDomain.fromDirectory(folder), 'a domain needs schema.graphql and index.js'],
    ['throws', () => synthesize(brought('throw new Error("oops")')), /index.js cannot be loaded: oops/],
    ['is none', () => synthesize(brought('exports.other = {}')), 'must export domain, made by defineDomain'],
    ['has a view of a bad name', () => synthesize(brought(CODE.replace('things-v2', 'a#b'))), 'got: a#b'],
    [
      'has a bad schema',
      () => synthesize(brought(CODE, 'type')),
      /schema.graphql in .*: Syntax Error.*\[at Stack\/Api\]/,
    ],
  ])('that %s is refused', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test.each([
  [
    'liveViews of no query',
    { liveViews: { others: 'claims' } },
    'liveViews must be of views that queries name, got: others',
  ],
  [
    'liveViews of no view',
    { liveViews: { claims: 'x' } },
    'liveViews.claims must be a view of the domain (claims), got: x',
  ],
  ['clients without a pool', { userPoolClients: [] }, 'userPoolClients needs userPool, got no userPool'],
  ['a depth of none', { queryDepthLimit: 0 }, 'queryDepthLimit must be an integer from 1 to 75, got: 0'],
  ['too many resolvers', { resolverCountLimit: 10_001 }, 'resolverCountLimit must be an integer from 1 to 10000'],
  ['auditors in a group of no name', { auditors: ['a b'] }, 'auditors: groups must be of letters, digits'],
])('%s is refused', (_, props, message) => {
  expect(() => synthesize(props)).toThrow(message);
});

test('a pool without any client, or with clients and how to sign in, is refused', () => {
  const withPool = (more: object) => () =>
    synthesize((stack) => ({ userPool: new cognito.UserPool(stack, 'Pool'), ...more }));
  expect(withPool({ userPoolClients: [] })).toThrow('userPoolClients must name at least one client');
  const clients = (stack: Stack) => {
    const userPool = new cognito.UserPool(stack, 'Pool');
    return { userPool, userPoolClients: [userPool.addClient('A'), userPool.addClient('B')] };
  };
  expect(() => synthesize((stack) => ({ ...clients(stack), authFlows: { userSrp: true } }))).toThrow(
    'Either provide userPoolClients or authFlows, but not both',
  );
  const { template } = synthesize((stack) => ({ ...clients(stack), singleApi: true }));
  expect(one(template, 'AWS::AppSync::GraphQLApi').Properties.UserPoolConfig).toMatchObject({
    AppIdClientRegex: {
      'Fn::Join': [
        '',
        ['^(', { Ref: expect.stringMatching(/^PoolA/) }, '|', { Ref: expect.stringMatching(/^PoolB/) }, ')$'],
      ],
    },
  });
});

test('data is kept, paid for and encrypted as one says', () => {
  const { template } = synthesize((stack) => ({
    removalPolicy: RemovalPolicy.DESTROY,
    encryptionKey: new kms.Key(stack, 'Key'),
    billing: TableBilling.provisioned({
      read: { minCapacity: 2, maxCapacity: 9 },
      write: { minCapacity: 1, maxCapacity: 9 },
    }),
    tracing: lambda.Tracing.DISABLED,
  }));
  for (const { Properties, DeletionPolicy } of Object.values(resourcesOf(template, 'AWS::DynamoDB::Table'))) {
    expect(DeletionPolicy).toBe('Delete');
    expect(Properties).toMatchObject({
      ProvisionedThroughput: { ReadCapacityUnits: 2, WriteCapacityUnits: 1 },
      SSESpecification: { SSEType: 'KMS' },
    });
  }
  for (const { Properties } of Object.values(resourcesOf(template, 'AWS::AppSync::GraphQLApi'))) {
    expect(Properties.XrayEnabled).toBe(false);
  }
  // Whoever reads or writes items uses the key.
  const using = Object.entries(resourcesOf(template, 'AWS::IAM::Policy')).flatMap(([id, { Properties }]) =>
    JSON.stringify(Properties).includes('kms:Decrypt') ? [/^Api(\w+)Role/.exec(id)?.[1]] : [],
  );
  expect(using.sort()).toEqual(
    ['CommandApiCommandStore', 'Decide', 'Operations', 'Project', 'QueryApiEvents', 'QueryApiReadModel'].sort(),
  );
});

test('one of another app is known by its addresses, and by metrics of what is given', () => {
  const stack = new Stack(new App(), 'Stack');
  const attributes = {
    commandApiId: 'commands',
    commandUrl: 'https://c.example.com/graphql',
    queryApiId: 'queries',
    queryUrl: 'https://q.example.com/graphql',
    realtimeUrl: 'wss://q.example.com/graphql/realtime',
    userPool: cognito.UserPool.fromUserPoolId(stack, 'Pool', 'eu-north-1_x'),
  };
  const bare = EventSourcedApi.fromEventSourcedApiAttributes(stack, 'Bare', attributes);
  expect([bare.commandUrl, bare.queryUrl, bare.realtimeUrl]).toEqual([
    attributes.commandUrl,
    attributes.queryUrl,
    attributes.realtimeUrl,
  ]);
  expect(bare.metricCommands('Latency').dimensions).toEqual({ GraphQLAPIId: 'commands' });
  expect(bare.metricQueries('5XXError').dimensions).toEqual({ GraphQLAPIId: 'queries' });
  expect(() => bare.metricProjectionLag()).toThrow(
    'this metric needs projector: give it to fromEventSourcedApiAttributes',
  );
  expect(() => bare.metricDeadLetters()).toThrow('this metric needs deadLetterQueue');
  expect(() => bare.metricPublishFailures()).toThrow('this metric needs metricNamespace');
  const whole = EventSourcedApi.fromEventSourcedApiAttributes(stack, 'Whole', {
    ...attributes,
    queryApiId: undefined,
    queryUrl: undefined,
    projector: lambda.Function.fromFunctionName(stack, 'Project', 'project'),
    deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Letters', 'arn:aws:sqs:eu-north-1:123456789012:letters'),
    metricNamespace: 'Mine',
  });
  expect([whole.queryApiId, whole.queryUrl]).toEqual(['commands', attributes.commandUrl]);
  expect(whole.metricProjectionLag()).toMatchObject({ metricName: 'IteratorAge', statistic: 'Maximum' });
  expect(whole.metricDeadLetters().dimensions).toEqual({ QueueName: 'letters' });
  expect(whole.metricPublishFailures()).toMatchObject({ namespace: 'Mine', metricName: 'PublishFailures' });
});
