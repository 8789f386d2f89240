import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { propertiesOf, resourcesOf } from './synthesized';
import {
  SearchIndexPipeline,
  type SearchIndexPipelineProps,
  SearchIngestion,
  SearchSource,
  SocialEvent,
  SocialTable,
} from '../../src';

describe('another source', () => {
  const tableIn = (stack: Stack, props: Partial<dynamodb.TableProps> = {}) =>
    new dynamodb.Table(stack, 'Books', {
      partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      ...props,
    });
  const BOOKS = {
    idAttributes: ['isbn'],
    versionAttribute: 'revision',
    fields: ['isbn', 'title'],
    indexBody: { settings: { index: { refresh_interval: '5s' } }, mappings: { properties: {} } },
  };

  test('is any table: without kinds of items every change is read', () => {
    const stack = new Stack(new App(), 'Stack');
    const search = new SearchIndexPipeline(stack, 'Search', {
      source: SearchSource.table({ table: tableIn(stack), ...BOOKS }),
      ingestion: SearchIngestion.lambda({ batchSize: 1000, parallelization: 2 }),
      alias: 'books',
    });
    expect(search.table).toBeUndefined();
    const template = Template.fromStack(stack);
    expect(resourcesOf(template, 'AWS::DynamoDB::Table').map(([id]) => id)).toEqual([
      expect.stringMatching(/^Books/),
      expect.stringMatching(/^SearchReindexerJobs/),
    ]);
    const [[, mapping]] = resourcesOf(template, 'AWS::Lambda::EventSourceMapping');
    expect(mapping.Properties).not.toHaveProperty('FilterCriteria');
    expect(mapping.Properties).toMatchObject({ BatchSize: 1000, ParallelizationFactor: 2 });
    const { indexBody, ...documents } = BOOKS;
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: Match.objectLike({ SEARCH_ALIAS: 'books' }) },
    });
    template.hasResourceProperties('Custom::SearchIndex', { Source: Match.serializedJson(documents) });
    const { Body: body } = propertiesOf(template, 'Custom::SearchIndex');
    expect(JSON.parse(body as string)).toEqual({
      mappings: indexBody.mappings,
      settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: '5s', gc_deletes: '90000s' },
    });
  });

  test('may be read by two pipelines, and a third is an error', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = tableIn(stack);
    const add = (id: string, props: SearchIndexPipelineProps) =>
      new SearchIndexPipeline(stack, id, { source: SearchSource.table({ table, ...BOOKS }), ...props });
    add('A', {});
    add('B', { ingestion: SearchIngestion.lambda() });
    expect(() => add('C', {})).toThrow(/at most 2 readers; .* is read by Stack\/A and Stack\/B already/);
  });

  test('made of the table of a SocialTable shares its readers', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    table.registerStreamReader('Mine');
    new SearchIndexPipeline(stack, 'One', { table });
    const source = SearchSource.table({ table: table.table, ...BOOKS });
    expect(() => new SearchIndexPipeline(stack, 'Two', { source })).toThrow(
      /at most 2 readers; .* is read by Mine and Stack\/One already, got one more: Stack\/Two/,
    );
  });

  test('made of the table of a SocialTable leaves it a place less', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = new SocialTable(stack, 'Table');
    const source = SearchSource.table({ table: table.table, ...BOOKS });
    new SearchIndexPipeline(stack, 'One', { source });
    table.registerStreamReader('Mine');
    expect(() => table.addStreamConsumer('Feed', { events: [SocialEvent.FOLLOWED] })).toThrow(
      'A DynamoDB stream takes at most 2 readers; Stack/Table is read by Stack/One and Mine already, ' +
        'got one more: StreamRouter. Use addStreamConsumer to share a reader.',
    );
  });

  test.each<[string, Partial<typeof BOOKS> & { entityTypes?: string[]; entityTypeAttribute?: string }, string]>([
    ['no id', { idAttributes: [] }, 'source.idAttributes must name at least one attribute, got: none'],
    ['no field', { fields: [] }, 'source.fields must name at least one attribute, got: none'],
    ['a field with a dot', { fields: ['isbn', 'a.b'] }, 'source.fields must be of letters, digits and _'],
    [
      'kinds of nothing',
      { entityTypes: ['Book'] },
      'entityTypes and entityTypeAttribute together, got only: entityTypes',
    ],
    ['no kinds', { entityTypes: [], entityTypeAttribute: 'kind' }, 'source.entityTypes must name at least one'],
    [
      'a quote',
      { entityTypes: ['a"b'], entityTypeAttribute: 'kind' },
      'must have no ", \\ and $, and no / first, got: a"b',
    ],
    ['a dollar', { entityTypes: ['x', 'a$'], entityTypeAttribute: 'kind' }, 'and no / first, got: a$'],
    ['a path', { entityTypes: ['/a'], entityTypeAttribute: 'kind' }, 'and no / first, got: /a'],
    [
      'an id that is no field',
      { fields: ['title'] },
      'must have every one of source.idAttributes with zero-ETL, got no: isbn',
    ],
    [
      'a memory of deletions of its own',
      { indexBody: { settings: { index: { gc_deletes: '1s' } } } as never },
      'source.indexBody must not set gc_deletes',
    ],
  ])('with %s is refused', (_, options, message) => {
    const stack = new Stack(new App(), 'Stack');
    const source = SearchSource.table({ table: tableIn(stack), ...BOOKS, ...options });
    expect(() => new SearchIndexPipeline(stack, 'Search', { source })).toThrow(message);
  });

  test.each<[string, Partial<dynamodb.TableProps>, string]>([
    ['no stream', { stream: undefined }, 'source.table needs a stream of both images, Stack/Books has none'],
    ['new images alone', { stream: dynamodb.StreamViewType.NEW_IMAGE }, 'NEW_AND_OLD_IMAGES, got: NEW_IMAGE'],
    ['no recovery', { pointInTimeRecoverySpecification: undefined }, 'set pointInTimeRecovery of Stack/Books to true'],
    [
      'a number for an id',
      { partitionKey: { name: 'isbn', type: dynamodb.AttributeType.NUMBER } },
      'source.idAttributes must be texts with zero-ETL, which writes others in two ways, got: isbn of type N',
    ],
  ])('whose table has %s is refused', (_, props, message) => {
    const stack = new Stack(new App(), 'Stack');
    const source = SearchSource.table({ table: tableIn(stack, props), ...BOOKS });
    expect(() => new SearchIndexPipeline(stack, 'Search', { source })).toThrow(message);
  });

  test('may have numbers for ids with Lambda ingestion', () => {
    const stack = new Stack(new App(), 'Stack');
    const table = tableIn(stack, { partitionKey: { name: 'isbn', type: dynamodb.AttributeType.NUMBER } });
    const props = { source: SearchSource.table({ table, ...BOOKS }), ingestion: SearchIngestion.lambda() };
    expect(() => new SearchIndexPipeline(stack, 'Search', props)).not.toThrow();
  });

  test('of tables of the newer kind, and of imported ones, is taken as it is known', () => {
    const stack = new Stack(new App(), 'Stack');
    const options = (table: dynamodb.ITable) => ({ source: SearchSource.table({ table, ...BOOKS }) });
    const newer = (id: string, pointInTimeRecoveryEnabled: boolean) =>
      new dynamodb.TableV2(stack, id, {
        partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
        dynamoStream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled },
      });
    expect(() => new SearchIndexPipeline(stack, 'A', options(newer('On', true)))).not.toThrow();
    expect(() => new SearchIndexPipeline(stack, 'B', options(newer('Off', false)))).toThrow('point-in-time recovery');
    const arn = 'arn:aws:dynamodb:eu-west-1:123456789012:table/books';
    const imported = dynamodb.Table.fromTableAttributes(stack, 'Imported', {
      tableArn: arn,
      tableStreamArn: `${arn}/stream/2026-01-01T00:00:00.000`,
    });
    expect(() => new SearchIndexPipeline(stack, 'C', options(imported))).not.toThrow();
  });
});
