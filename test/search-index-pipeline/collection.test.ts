import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { flat, make, namesIn, propertiesOf, resourcesOf, rightsOf, statementsOf } from './synthesized';
import { SearchIndexPipeline, SearchIngestion, SearchTarget } from '../../src';

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
      {
        Principal: [flat(stack.resolve(search.reindexer!.role!.roleArn))],
        Rules: [
          {
            ResourceType: 'index',
            Resource: index,
            Permission: ['Create', 'Delete', 'Describe', 'Read', 'Update', 'Write'].map(
              (what) => `aoss:${what}${/Read|Write/.test(what) ? 'Document' : 'Index'}`,
            ),
          },
          {
            ResourceType: 'collection',
            Resource: [`collection/${name}`],
            Permission: ['aoss:CreateCollectionItems', 'aoss:DescribeCollectionItems', 'aoss:UpdateCollectionItems'],
          },
        ],
      },
      {
        Principal: [flat(stack.resolve(search.manager.role!.roleArn))],
        Rules: [{ ResourceType: 'index', Resource: index, Permission: ['aoss:DeleteIndex', 'aoss:DescribeIndex'] }],
      },
    ]);
    expect(rightsOf(template, 'SearchManagerRole', namesIn(template))).toEqual([
      ['aoss:APIAccessAll', '<Collection.Arn>'],
      ['dynamodb:DeleteItem dynamodb:GetItem dynamodb:PutItem dynamodb:Query dynamodb:UpdateItem', '<Table.Arn>'],
      ['sqs:SendMessage sqs:GetQueueAttributes sqs:GetQueueUrl', '<Queue.Arn>'],
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
