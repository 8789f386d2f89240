import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as opensearch from 'aws-cdk-lib/aws-opensearchservice';
import { mappingsOf, rightsOf } from './synthesized';
import { SearchIndexPipeline } from '../../src';

describe('an imported SearchIndexPipeline', () => {
  const domainIn = (stack: Stack) =>
    opensearch.Domain.fromDomainAttributes(stack, 'Domain', {
      domainArn: 'arn:aws:es:eu-west-1:123456789012:domain/mine',
      domainEndpoint: 'search-mine-abcdefgh.eu-west-1.es.amazonaws.com',
    });

  test('lets others search, and knows the metrics that it is told of', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = SearchIndexPipeline.fromSearchIndexPipelineAttributes(stack, 'Search', {
      domain: domainIn(stack),
      pipelineName: 'mine',
      overlayWindow: Duration.minutes(2),
    });
    search.grantSearch(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    const template = Template.fromStack(stack);
    expect(rightsOf(template, 'Reader', {})).toEqual([
      [
        'es:ESHttpGet es:ESHttpPost',
        ['_search', '_count'].map((path) => `arn:aws:es:eu-west-1:123456789012:domain/mine/articles/${path}`).join(' '),
      ],
    ]);
    expect(search.endpoint).toBe('https://search-mine-abcdefgh.eu-west-1.es.amazonaws.com');
    expect(search.metricLag().metricName).toBe('search-index.opensearch.EndToEndLatency.max');
    expect(search.metricFreeStorageSpace().namespace).toBe('AWS/ES');
    expect(search.overlayWindow.toSeconds()).toBe(120);
  });

  test('maps roles by the function that is named', () => {
    const stack = new Stack(new App(), 'Stack');
    const manager = lambda.Function.fromFunctionArn(
      stack,
      'Manager',
      'arn:aws:lambda:eu-west-1:123456789012:function:manager',
    );
    const search = SearchIndexPipeline.fromSearchIndexPipelineAttributes(stack, 'Search', {
      domain: domainIn(stack),
      manager,
    });
    search.grantSearch(new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }));
    const [mapping] = mappingsOf(Template.fromStack(stack), 'Custom::SearchRoleMappings');
    expect(mapping.role).toMatch(/^articles-search-[0-9a-f]{8}$/);
    expect(() => search.metricLag()).toThrow('needs indexer');
  });
});
