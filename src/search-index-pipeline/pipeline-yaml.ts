import { DocumentSource } from './search-source';

/**
 * What a pipeline's configuration is made from.
 *
 * @internal
 */
export interface PipelineConfig {
  readonly documents: DocumentSource;
  readonly tableArn: string;
  readonly region: string;
  readonly roleArn: string;
  readonly exportBucket: string;
  readonly exportKeyArn: string;
  readonly deadLetterBucket: string;
  readonly endpoint: string;
  readonly index: string;
  /** Of `aws` in the sink. */
  readonly sinkOptions: Readonly<Record<string, unknown>>;
}

/**
 * Name of the one sub-pipeline, with which the names of metrics begin.
 *
 * @internal
 */
export const SUB_PIPELINE = 'search-index';

/** @internal */
export const EXPORT_PREFIX = 'export/';

/** @internal */
export const DEAD_LETTER_PREFIX = 'dead-letters/';

/** What Data Prepper replaces, for each event, by a value of its metadata. */
const metadata = (name: string) => `\${getMetadata("${name}")}`;

/**
 * The pipeline of OpenSearch Ingestion, for a table with export and stream.
 *
 * A deletion comes with the item as it was: its keys alone would not say what kind of item it was, and the filter would
 * drop it. Versions are the pipeline's own, from the time of the change and its place within the second, because an
 * item's version stays the same when the item is deleted.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/configure-client-ddb.html
 * @see https://docs.opensearch.org/latest/data-prepper/pipelines/configuration/sources/dynamo-db/
 * @see https://docs.opensearch.org/latest/data-prepper/pipelines/configuration/sinks/opensearch/
 * @internal
 */
export function pipelineYaml(config: PipelineConfig): string {
  const { documents, region, roleArn } = config;
  const aws = { region, sts_role_arn: roleArn };
  return yaml({
    version: '2',
    [SUB_PIPELINE]: {
      source: {
        dynamodb: {
          acknowledgments: true,
          tables: [
            {
              table_arn: config.tableArn,
              export: {
                s3_bucket: config.exportBucket,
                s3_region: region,
                s3_prefix: EXPORT_PREFIX,
                s3_sse_kms_key_id: config.exportKeyArn,
              },
              stream: { start_position: 'LATEST', view_on_remove: 'OLD_IMAGE' },
            },
          ],
          aws,
        },
      },
      processor: [...dropOthers(documents), { select_entries: { include_keys: [...documents.fields] } }],
      sink: [
        {
          opensearch: {
            hosts: [config.endpoint],
            index: config.index,
            // The index is there, with its mapping: the sink makes none, and no template.
            index_type: 'management_disabled',
            document_id: documents.idAttributes.map((name) => `\${/${name}}`).join('|'),
            action: metadata('opensearch_action'),
            document_version: metadata('document_version'),
            document_version_type: 'external',
            aws: { ...aws, ...config.sinkOptions },
            dlq: { s3: { bucket: config.deadLetterBucket, key_path_prefix: DEAD_LETTER_PREFIX, ...aws } },
          },
        },
      ],
    },
  });
}

/** @see https://docs.opensearch.org/latest/data-prepper/pipelines/expression-syntax/ */
function dropOthers({ entityTypes, entityTypeAttribute }: DocumentSource): object[] {
  if (!entityTypes || entityTypeAttribute === undefined) {
    return [];
  }
  const others = entityTypes.map((type) => `/${entityTypeAttribute} != "${type}"`);
  return [{ drop_events: { drop_when: others.join(' and ') } }];
}

/** Of the keys that are written here, none needs quotes. */
const PLAIN_KEY = /^[a-z][a-z0-9_-]*$/;

/**
 * Block style, as all of AWS's examples are. Texts are double-quoted, whose escapes in YAML 1.2 include those of JSON:
 * a text of digits stays a text, and what CDK replaces within it needs no quoting of its own.
 *
 * @see https://yaml.org/spec/1.2.2/#57-escaped-characters
 */
function yaml(value: object, indent = ''): string {
  return Object.entries(value)
    .map(([key, inner]) => {
      if (!PLAIN_KEY.test(key)) {
        throw new Error(`a key of the pipeline's configuration needs quotes: ${key}`);
      }
      return `${indent}${key}:${below(inner, indent)}`;
    })
    .join('');
}

function below(value: unknown, indent: string): string {
  if (Array.isArray(value)) {
    return `\n${value.map((item) => `${indent}  -${listed(item, `${indent}    `)}`).join('')}`;
  }
  return typeof value === 'object' && value !== null
    ? `\n${yaml(value, `${indent}  `)}`
    : ` ${JSON.stringify(value)}\n`;
}

/** An item of a list: a map begins on the line of its hyphen. */
function listed(item: unknown, indent: string): string {
  return typeof item === 'object' && item !== null
    ? ` ${yaml(item, indent).slice(indent.length)}`
    : ` ${JSON.stringify(item)}\n`;
}
