import { parseDocument } from 'yaml';
import { ConfigNode, Refuse } from './config-node';
import { PipelineEvent, ViewOnRemove } from './events';
import { compileCondition } from './expression';
import { compileFormat, Format } from './format';
import { isObject, JsonObject } from '../assembly';

/** Changes an event; undefined where it goes no further. */
export type Processor = (event: PipelineEvent) => PipelineEvent | undefined;

/** Where an export goes. */
export interface ExportConfig {
  readonly bucket: string;
  readonly prefix: string;
  readonly keyId?: string;
}

/** What the configuration of a pipeline says. */
export interface PipelineConfig {
  /** Of the sub-pipeline, which there is one of. */
  readonly name: string;
  readonly roleArn: string;
  readonly tableArn: string;
  /** Undefined where the table is followed alone. */
  readonly export?: ExportConfig;
  readonly viewOnRemove: ViewOnRemove;
  readonly processors: readonly Processor[];
  /** Address of the domain on this machine. */
  readonly host: string;
  readonly index: string;
  readonly documentId: Format;
  readonly deadLetters: { readonly bucket: string; readonly prefix: string };
}

/** What is obeyed, and all of it that is known. */
const SINK = [
  ...['hosts', 'index', 'index_type', 'document_id', 'action', 'document_version', 'document_version_type'],
  ...['aws', 'dlq'],
];

/** What the sink writes, and with which version: always by what the source says of an event. */
const ACTION = '${getMetadata("opensearch_action")}';
const VERSION = '${getMetadata("document_version")}';

/**
 * Reads a pipeline's configuration.
 *
 * @param text the YAML, with the address of the domain as it is on this machine
 * @param refuse ends with an error about the resource
 */
export function readConfig(text: string, region: string, refuse: Refuse): PipelineConfig {
  const body = parseYaml(text, refuse);
  const [name, ...others] = Object.keys(body).filter((key) => key !== 'version');
  if (name === undefined || others.length > 0) {
    refuse(`must have one pipeline, got ${[name ?? 'none', ...others].join(', ')}`);
  }
  const top = new ConfigNode(body, '', ['version', name], refuse);
  if (String(body.version) !== '2') top.refuse('version', `must be "2", got ${JSON.stringify(body.version)}`);
  const pipeline = top.node(name, ['source', 'processor', 'sink']);
  const dynamodb = pipeline.node('source', ['dynamodb']).node('dynamodb', ['acknowledgments', 'tables', 'aws']);
  // Without them, what a pipeline holds is lost when it ends.
  dynamodb.only('acknowledgments', true);
  const table = dynamodb.onlyNode('tables', ['table_arn', 'export', 'stream']);
  const stream = table.node('stream', ['start_position', 'view_on_remove']);
  // Where it begins is the same whatever it says: see Pipeline.
  stream.word('start_position', ['LATEST'], 'LATEST');
  const sink = pipeline.onlyNode('sink', ['opensearch']).node('opensearch', SINK);
  const roles = new Roles(region);
  roles.add(dynamodb.node('aws', ['region', 'sts_role_arn']));
  roles.add(sink.node('aws', ['region', 'sts_role_arn']));
  return {
    name,
    tableArn: table.text('table_arn'),
    ...exportOf(table, region),
    viewOnRemove: stream.word('view_on_remove', ['NEW_IMAGE', 'OLD_IMAGE'], 'NEW_IMAGE'),
    processors: pipeline.nodes('processor', ['drop_events', 'select_entries']).map(readProcessor),
    ...readSink(sink, roles),
    roleArn: roles.arn,
  };
}

function parseYaml(text: string, refuse: Refuse): JsonObject {
  const document = parseDocument(text);
  const [error] = [...document.errors, ...document.warnings];
  if (error !== undefined) refuse(`is no YAML: ${error.message.split('\n')[0]}`);
  const body = document.toJS() as unknown;
  return isObject(body) ? body : refuse('is no map');
}

/** The role that all parts of a pipeline have: OpenSearch Ingestion takes no two. */
class Roles {
  private found: string | undefined;

  public constructor(private readonly region: string) {}

  public get arn(): string {
    if (this.found === undefined) throw new Error('no part of the pipeline has a role');
    return this.found;
  }

  public add(node: ConfigNode): void {
    node.only('region', this.region);
    const arn = node.text('sts_role_arn');
    if (this.found !== undefined && this.found !== arn) {
      node.refuse('sts_role_arn', `must be the one role of the pipeline, ${this.found}, got ${arn}`);
    }
    this.found = arn;
  }
}

function exportOf(table: ConfigNode, region: string): Pick<PipelineConfig, 'export'> {
  const node = table.optionalNode('export', ['s3_bucket', 's3_region', 's3_prefix', 's3_sse_kms_key_id']);
  if (node === undefined) return {};
  if (node.has('s3_region')) node.only('s3_region', region);
  return {
    export: {
      bucket: node.text('s3_bucket'),
      prefix: node.optionalText('s3_prefix') ?? '',
      keyId: node.optionalText('s3_sse_kms_key_id'),
    },
  };
}

function readProcessor(node: ConfigNode): Processor {
  const drop = node.optionalNode('drop_events', ['drop_when']);
  const select = node.optionalNode('select_entries', ['include_keys']);
  if (drop !== undefined && select === undefined) {
    const condition = compiled(drop, 'drop_when', compileCondition);
    return (event) => (condition(event.data) ? undefined : event);
  }
  if (select === undefined || drop !== undefined) {
    return node.refuse('drop_events', 'or select_entries must be there, and one alone');
  }
  const names = select.texts('include_keys');
  const path = names.find((name) => !/^\w+$/.test(name));
  if (path !== undefined) select.refuse('include_keys', `must be names of attributes, got ${path}`);
  return ({ data, metadata }) => {
    const entries = names.flatMap((name) =>
      data[name] === undefined || data[name] === null ? [] : [[name, data[name]] as const],
    );
    return { data: Object.fromEntries(entries), metadata };
  };
}

function compiled<Result>(node: ConfigNode, name: string, compile: (text: string) => Result): Result {
  const text = node.text(name);
  try {
    return compile(text);
  } catch (error) {
    return node.refuse(name, `${JSON.stringify(text)}: ${error instanceof Error ? error.message : String(error)} here`);
  }
}

function readSink(
  sink: ConfigNode,
  roles: Roles,
): Pick<PipelineConfig, 'host' | 'index' | 'documentId' | 'deadLetters'> {
  const [host, ...more] = sink.texts('hosts');
  if (more.length > 0) sink.refuse('hosts', `must be one address, got ${more.length + 1}`);
  const index = sink.text('index');
  if (/[$%]\{/.test(index)) sink.refuse('index', `must be one name for all documents here, got ${index}`);
  // The sink makes no index and no template.
  sink.only('index_type', 'management_disabled');
  sink.only('action', ACTION);
  sink.only('document_version', VERSION);
  sink.only('document_version_type', 'external');
  const dlq = sink.node('dlq', ['s3']).node('s3', ['bucket', 'key_path_prefix', 'region', 'sts_role_arn']);
  roles.add(dlq);
  const prefix = dlq.optionalText('key_path_prefix') ?? '';
  return {
    host,
    index,
    documentId: compiled(sink, 'document_id', compileFormat),
    deadLetters: {
      bucket: dlq.text('bucket'),
      // https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/failures-common/src/main/java/org/opensearch/dataprepper/plugins/dlq/s3/S3DlqWriter.java
      prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
    },
  };
}
