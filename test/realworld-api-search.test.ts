import { App, Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Domain } from 'aws-cdk-lib/aws-opensearchservice';
import {
  RealWorldApi,
  type RealWorldApiProps,
  SearchIndexPipeline,
  type SearchIndexPipelineAttributes,
  SearchIngestion,
  SocialTable,
} from '../src';

const SEARCHING = ['GetArticles', 'SearchArticles', 'GetTags'];

function withSearch(props: Partial<RealWorldApiProps> = {}, maxLag = Duration.minutes(1)) {
  const stack = new Stack(new App(), 'Stack');
  const search = new SearchIndexPipeline(stack, 'Search', { ingestion: SearchIngestion.lambda(), maxLag });
  const api = new RealWorldApi(stack, 'Api', { search, ...props });
  return { stack, search, api, template: Template.fromStack(stack) };
}

function imported(stack: Stack, attrs: Partial<SearchIndexPipelineAttributes> = {}) {
  const domain = Domain.fromDomainEndpoint(stack, 'Domain', 'https://search-domain-1.eu-west-1.es.amazonaws.com');
  return SearchIndexPipeline.fromSearchIndexPipelineAttributes(stack, 'Search', { domain, ...attrs });
}

const routesOf = (template: Template) =>
  Object.values(
    template.findResources('AWS::ApiGatewayV2::Route') as Record<string, { Properties: { RouteKey: string } }>,
  ).map(({ Properties: { RouteKey: key } }) => key);

const environmentOf = (template: Template, id: string) => {
  type Functions = Record<string, { Properties: { Environment?: { Variables: Record<string, unknown> } } }>;
  const found = Object.entries(template.findResources('AWS::Lambda::Function') as Functions).filter(([name]) =>
    new RegExp(`^Api${id}[0-9A-F]{8}$`).test(name),
  );
  expect(found).toHaveLength(1);
  return found[0][1].Properties.Environment?.Variables ?? {};
};

describe('RealWorldApi with a search index', () => {
  const { api, search, template } = withSearch();

  test('is on the table whose articles are in the index', () => {
    expect(api.table).toBe(search.table);
    // Social, feed, accounts, and the jobs of the index.
    template.resourceCountIs('AWS::DynamoDB::Table', 4);
  });

  test('has a route for search, behind which a function knows the index', () => {
    expect(routesOf(template)).toContain('GET /api/search');
    expect(Object.keys(api.functions)).toContain('SearchArticles');
    expect(environmentOf(template, 'NotFound')).toMatchObject({ HAS_SEARCH: 'true' });
    for (const id of SEARCHING) {
      expect(environmentOf(template, id)).toMatchObject({
        SEARCH_ENDPOINT: expect.anything() as unknown,
        SEARCH_SERVICE: 'es',
        SEARCH_ALIAS: 'articles',
        SEARCH_TIMEOUT_MS: '1000',
      });
    }
    expect(environmentOf(template, 'GetArticle')).not.toHaveProperty('SEARCH_ENDPOINT');
  });

  test('lays over what was written since the index may be behind, and what was deleted since the clean-up may be', () => {
    // 60 s of lag, 30 s of the indexer, 15 s until a refresh; 15 s from a request's begin to its write.
    for (const id of SEARCHING) {
      expect(environmentOf(template, id)).toMatchObject({
        SEARCH_WINDOW_SECONDS: '120',
        SEARCH_DELETED_WINDOW_SECONDS: String(
          120 + Number(environmentOf(template, 'GetArticles').CLEAN_UP_WINDOW_SECONDS),
        ),
      });
    }
  });

  test('lets only those functions search, and nothing else of the index', () => {
    type Policies = Record<string, { Properties: { PolicyDocument: { Statement: { Action: string | string[] }[] } } }>;
    const allowed = Object.entries(template.findResources('AWS::IAM::Policy') as Policies).flatMap(([id, policy]) => {
      const actions = policy.Properties.PolicyDocument.Statement.flatMap(({ Action: action }) => action);
      return id.startsWith('Api') && actions.some((action) => action.startsWith('es:'))
        ? [[/^Api(\w+)Role/.exec(id)?.[1], actions.filter((action) => action.startsWith('es:'))]]
        : [];
    });
    expect(allowed.sort()).toEqual([...SEARCHING].sort().map((id) => [id, ['es:ESHttpGet', 'es:ESHttpPost']]));
  });

  test('tells of changed articles by rows of their own, which it may write for that alone', () => {
    expect(environmentOf(template, 'UpdateArticle')).toMatchObject({ RECENT_UPDATES: 'true' });
    const prefixes = JSON.stringify(template.findResources('AWS::IAM::Policy')).split('RECENT_UPDATES#*').length - 1;
    expect(prefixes).toBe(1 + SEARCHING.length);
  });

  test('counts what the table answered instead, and alarms when that is often', () => {
    template.resourceCountIs('AWS::Logs::MetricFilter', SEARCHING.length);
    const metric = { MetricName: api.metricSearchFallbacks().metricName, MetricNamespace: 'RealWorldApi' };
    expect(metric.MetricName).toMatch(/^SearchFallbacks-Stack-Api-[0-9A-F]{8}$/);
    template.resourcePropertiesCountIs(
      'AWS::Logs::MetricFilter',
      {
        FilterPattern: '{ $.message = "search index did not answer" }',
        MetricTransformations: [{ ...metric, MetricValue: '1' }],
        LogGroupName: Match.anyValue(),
      },
      SEARCHING.length,
    );
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: metric.MetricName,
      Namespace: metric.MetricNamespace,
      Statistic: 'Sum',
      Threshold: 10,
    });
    expect(api.alarms.SearchFallbackAlarm).toBeDefined();
    expect(api.metricSearchFallbacks({ period: Duration.minutes(1) }).period).toEqual(Duration.minutes(1));
  });

  test('documents the search', () => {
    expect(environmentOf(template, 'Docs').DOCUMENT_VALUES).not.toContain('search');
  });
});

test('searchTimeout is how long the index has for an answer', () => {
  const { template } = withSearch({ searchTimeout: Duration.millis(250) });
  expect(environmentOf(template, 'SearchArticles').SEARCH_TIMEOUT_MS).toBe('250');
});

test('the window follows the lag that the pipeline allows', () => {
  const { template } = withSearch({}, Duration.minutes(5));
  expect(environmentOf(template, 'GetTags').SEARCH_WINDOW_SECONDS).toBe('360');
});

test('an imported pipeline is searched by its alias', () => {
  const stack = new Stack(new App(), 'Stack');
  new RealWorldApi(stack, 'Api', { search: imported(stack, { alias: 'posts' }) });
  expect(environmentOf(Template.fromStack(stack), 'SearchArticles')).toMatchObject({
    SEARCH_ALIAS: 'posts',
    SEARCH_WINDOW_SECONDS: '450',
  });
});

describe('without a search index', () => {
  const stack = new Stack(new App(), 'Stack');
  const api = new RealWorldApi(stack, 'Api');
  const template = Template.fromStack(stack);

  test('there is nothing of it', () => {
    expect(routesOf(template)).not.toContain('GET /api/search');
    expect(Object.keys(api.functions)).not.toContain('SearchArticles');
    template.resourceCountIs('AWS::Logs::MetricFilter', 0);
    template.resourcePropertiesCountIs(
      'AWS::Lambda::Function',
      Match.objectLike({
        Environment: { Variables: { SEARCH_ENDPOINT: Match.anyValue() } },
      }),
      0,
    );
    expect(JSON.stringify(template.toJSON())).not.toMatch(/RECENT_UPDATES|HAS_SEARCH|es:ESHttp/);
    expect(api.alarms).not.toHaveProperty('SearchFallbackAlarm');
  });

  test('nor in the documents', () => {
    expect(JSON.parse(String(environmentOf(template, 'Docs').DOCUMENT_VALUES))).toMatchObject({
      '/paths/~1search': null,
      '/components/schemas/SearchResult': null,
    });
  });

  test('its metric is refused', () => {
    expect(() => api.metricSearchFallbacks()).toThrow(
      'this metric needs search, of which this API has none [at Stack/Api]',
    );
  });
});

describe('is refused', () => {
  const make = (props: (stack: Stack) => RealWorldApiProps) => () => {
    const stack = new Stack(new App(), 'Stack');
    return new RealWorldApi(stack, 'Api', props(stack));
  };
  const pipeline = (stack: Stack) => new SearchIndexPipeline(stack, 'Search', { ingestion: SearchIngestion.lambda() });

  test('an index of another table', () => {
    expect(make((stack) => ({ table: new SocialTable(stack, 'Table'), search: pipeline(stack) }))).toThrow(
      'search must be of the same table as the API: it is of Stack/Search/Table, and table is Stack/Table [at Stack/Api]',
    );
  });

  test.each([Duration.millis(49), Duration.millis(5001)])('a searchTimeout of %s', (searchTimeout) => {
    expect(make((stack) => ({ search: pipeline(stack), searchTimeout }))).toThrow(
      `searchTimeout must be from 50 to 5000 milliseconds, known at synth, got: ${searchTimeout.toMilliseconds()} [at`,
    );
  });

  test('a searchTimeout that is a token', () => {
    const searchTimeout = Duration.millis(Lazy.number({ produce: () => 1000 }));
    expect(make((stack) => ({ search: pipeline(stack), searchTimeout }))).toThrow('got: a token');
  });

  test('a searchTimeout without an index', () => {
    expect(make(() => ({ searchTimeout: Duration.seconds(1) }))).toThrow('searchTimeout needs search [at Stack/Api]');
  });

  test('a window that is a token', () => {
    const overlayWindow = Duration.seconds(Lazy.number({ produce: () => 60 }));
    expect(make((stack) => ({ search: imported(stack, { overlayWindow }) }))).toThrow(
      'search.overlayWindow must be known',
    );
  });

  test('provisioned concurrency of the search that is not there', () => {
    expect(make(() => ({ provisionedConcurrency: { SearchArticles: 1 } }))).toThrow(
      'provisionedConcurrency must be of operations such as GetArticles, got: SearchArticles',
    );
  });
});
