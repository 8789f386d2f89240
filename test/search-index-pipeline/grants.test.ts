import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { flat, make, mappingsOf, namesIn, rightsOf } from './synthesized';
import { SearchIndexPipeline, SocialTable } from '../../src';

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
