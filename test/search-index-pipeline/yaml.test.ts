import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { parse } from 'yaml';
import { SearchIndexPipeline, type SearchIndexPipelineProps, SearchSource, SearchTarget } from '../../src';

/** What OpenSearch Ingestion reads: the text of the template, with names in the place of what is not known at synth. */
function textOf(props: (stack: Stack) => SearchIndexPipelineProps = () => ({})): string {
  const stack = new Stack(new App(), 'Stack');
  new SearchIndexPipeline(stack, 'Search', props(stack));
  const [pipeline] = Object.values(Template.fromStack(stack).findResources('AWS::OSIS::Pipeline')) as {
    Properties: { PipelineConfigurationBody: unknown };
  }[];
  return resolved(pipeline.Properties.PipelineConfigurationBody);
}

function resolved(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[fn, argument]] = Object.entries(value as Record<string, unknown>);
  if (fn === 'Fn::Join') return (argument as [string, unknown[]])[1].map(resolved).join('');
  const name = [argument].flat().join('.');
  return name.replace(/^Search(ZeroEtl)?/, '').replace(/[0-9A-F]{8}(?=\.|$)/, '');
}

test('the pipeline exports and streams the table, keeps texts of articles, and writes them with its own versions', () => {
  const aws = { region: 'AWS::Region', sts_role_arn: 'Role.Arn' };
  expect(parse(textOf())).toEqual({
    version: '2',
    'search-index': {
      source: {
        dynamodb: {
          acknowledgments: true,
          tables: [
            {
              table_arn: 'Table.Arn',
              export: {
                s3_bucket: 'Exports',
                s3_region: 'AWS::Region',
                s3_prefix: 'export/',
                s3_sse_kms_key_id: 'Key.Arn',
              },
              stream: { start_position: 'LATEST', view_on_remove: 'OLD_IMAGE' },
            },
          ],
          aws,
        },
      },
      processor: [
        { drop_events: { drop_when: '/entityType != "ArticleText"' } },
        { select_entries: { include_keys: ['articleId', 'authorId', 'title', 'description', 'tagList', 'body'] } },
      ],
      sink: [
        {
          opensearch: {
            hosts: ['https://Domain.DomainEndpoint'],
            index: 'articles-zero-etl-000001',
            index_type: 'management_disabled',
            document_id: '${/articleId}',
            action: '${getMetadata("opensearch_action")}',
            document_version: '${getMetadata("document_version")}',
            document_version_type: 'external',
            aws,
            dlq: { s3: { bucket: 'DeadLetters', key_path_prefix: 'dead-letters/', ...aws } },
          },
        },
      ],
    },
  });
});

describe('of another table', () => {
  const books = (stack: Stack, more: { entityTypes?: string[]; entityTypeAttribute?: string } = {}) => ({
    alias: 'books',
    source: SearchSource.table({
      table: new dynamodb.Table(stack, 'Books', {
        partitionKey: { name: 'isbn', type: dynamodb.AttributeType.STRING },
        stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      }),
      idAttributes: ['isbn', 'edition'],
      versionAttribute: 'revision',
      fields: ['isbn', 'edition', 'title'],
      indexBody: {},
      ...more,
    }),
  });
  interface Parsed {
    readonly 'search-index': {
      readonly processor: readonly object[];
      readonly sink: readonly { readonly opensearch: { readonly document_id: string; readonly index: string } }[];
    };
  }

  test('an id of several attributes is joined as the indexer joins it', () => {
    const { sink } = (parse(textOf((stack) => books(stack))) as Parsed)['search-index'];
    expect(sink[0].opensearch).toMatchObject({
      document_id: '${/isbn}|${/edition}',
      index: 'books-zero-etl-000001',
    });
  });

  test('nothing is dropped where every item is a document, else what is of none of the kinds', () => {
    const processors = (more?: { entityTypes: string[]; entityTypeAttribute: string }) =>
      (parse(textOf((stack) => books(stack, more))) as Parsed)['search-index'].processor;
    expect(processors()).toEqual([{ select_entries: { include_keys: ['isbn', 'edition', 'title'] } }]);
    expect(
      processors({ entityTypes: ['Book', 'E # book: "no"'.replaceAll('"', "'")], entityTypeAttribute: 'kind' })[0],
    ).toEqual({
      drop_events: { drop_when: `/kind != "Book" and /kind != "E # book: 'no'"` },
    });
  });
});

test('a serverless collection is said to be one, and behind endpoints by which network policy', () => {
  const sinkOf = (options: { vpcEndpointIds?: string[] }) =>
    (
      parse(textOf(() => ({ target: SearchTarget.serverlessCollection(options) }))) as {
        'search-index': { sink: { opensearch: { aws: Record<string, unknown> } }[] };
      }
    )['search-index'].sink[0].opensearch.aws;
  expect(sinkOf({})).toEqual({ region: 'AWS::Region', sts_role_arn: 'Role.Arn', serverless: true });
  expect(sinkOf({ vpcEndpointIds: ['vpce-0a'] })).toMatchObject({
    serverless_options: { network_policy_name: expect.stringMatching(/^[a-z][a-z0-9-]{2,31}$/) as unknown },
  });
});

test('the text is in block style, as all examples of AWS are', () => {
  const text = textOf();
  expect(text).not.toMatch(/: [{[]/);
  expect(text.startsWith('version: "2"\n')).toBe(true);
});
