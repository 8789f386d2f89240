import { randomUUID } from 'node:crypto';
import { ExportConfig, PipelineConfig, readConfig } from './config';
import { deadLetters } from './dead-letters';
import { checkDomain, domainClient } from './domain-client';
import { Pipeline, Position } from './pipeline';
import { Sink, SinkStats } from './sink';
import { PropertyReader } from '../assembly';
import { Checkpoints } from '../checkpoints';
import { keyArn } from '../kms/key-arn';
import { ServiceRun } from '../service';
import { ObjectBucket, SourceTable } from '../storage';
import { CreatedResource, DeployedResource, Principal, ResourceProvider } from '../types';

/** Who assumes the roles of pipelines. */
const SERVICE = 'osis-pipelines.amazonaws.com';

const KNOWN = {
  used: ['PipelineName', 'MinUnits', 'MaxUnits', 'PipelineConfigurationBody', 'LogPublishingOptions', 'VpcOptions'],
  inert: ['Tags'],
};

/** https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_osis_CreatePipeline.html */
const NAME = /^[a-z][a-z0-9-]{2,27}$/;
const UNITS: readonly [number, number] = [1, 384];
const LOG_GROUP = /^\/aws\/vendedlogs\/[.\-_/#A-Za-z0-9]+$/;

/** What the sink waits for more, in ms. Data Prepper's `flush_timeout` is a minute. */
const COLLECT_MS = 100;

/** A pipeline with what it needs to begin. */
export interface DeployedPipeline {
  readonly pipeline: Pipeline;
  readonly accessKeyId: string;
  readonly principal: Principal;
  /** @throws an Error naming what its role lacks */
  check(): Promise<void>;
}

/** Creates pipelines of OpenSearch Ingestion. */
export class PipelineProvider implements ResourceProvider {
  public readonly types = ['AWS::OSIS::Pipeline'];
  public readonly pipelines: DeployedPipeline[] = [];
  private readonly abort = new AbortController();

  public constructor(
    private readonly run: ServiceRun,
    private readonly positions: Checkpoints,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    const properties = new PropertyReader(resource, KNOWN);
    const name = properties.string('PipelineName');
    if (!NAME.test(name)) properties.refuse(`PipelineName must be 3 to 28 of a-z, 0-9 and -, got ${name}`);
    const least = properties.number('MinUnits', NaN, UNITS);
    const most = properties.number('MaxUnits', NaN, UNITS);
    if (!(least <= most)) {
      properties.refuse(`MinUnits and MaxUnits must be given, and in order, got ${least} and ${most}`);
    }
    checkLogs(properties);
    checkNetwork(properties);
    const { region, accountId } = this.run;
    const arn = `arn:aws:osis:${region}:${accountId}:pipeline/${name}`;
    const text = properties.string('PipelineConfigurationBody');
    const refuse = (message: string): never => properties.refuse(`PipelineConfigurationBody: ${message}`);
    await this.add(name, arn, readConfig(text, region, refuse), refuse);
    return { ref: arn, attributes: { PipelineArn: arn, IngestEndpointUrls: [], VpcEndpoints: [] } };
  }

  /** Ends requests that are under way. */
  public end(): void {
    this.abort.abort();
  }

  private async add(
    name: string,
    arn: string,
    config: PipelineConfig,
    refuse: (message: string) => never,
  ): Promise<void> {
    const { others, region, faults, lagOf } = this.run;
    const table = tableOf(config, others.sourceTable(config.tableArn), refuse);
    const bucket = others.bucket(config.deadLetters.bucket);
    if (bucket === undefined) refuse(`bucket ${config.deadLetters.bucket} of dead letters is not part of this app`);
    const exports = config.export && others.bucket(config.export.bucket);
    if (config.export !== undefined && exports === undefined) {
      refuse(`bucket ${config.export.bucket} of exports is not part of this app`);
    }
    const domainArn = others.domainArn(config.host);
    if (domainArn === undefined) refuse(`${config.host} is no domain of this app`);
    const principal = { name, roleArn: config.roleArn };
    others.authorizer.useRole(config.roleArn, name, `pipeline ${name}`);
    const accessKeyId = `LOCALOSIS${randomUUID()}`;
    const call = domainClient(config.host, accessKeyId, region, this.abort.signal);
    const stats: SinkStats = { indexed: 0, deleted: 0, outdated: 0, refused: 0 };
    const position = this.positionOf(name);
    const rights = new Rights(this.run, principal);
    const sink = new Sink({
      ...{ index: config.index, documentId: config.documentId, call, stats },
      writeDeadLetters: deadLetters(config.name, bucket, config.deadLetters.prefix, (key) => rights.put(bucket, key)),
      failed: (reason) => pipeline.failed(reason),
      pause: async (ms) => pipeline.pause(ms),
    });
    const pipeline: Pipeline = new Pipeline({
      ...{ name, config, table, sink, stats, position, faults },
      follower: await table.follow(position.sequenceNumber),
      collectMs: lagOf('ingestion') || COLLECT_MS,
      save: (moved) => this.positions.set(name, JSON.stringify(moved)),
      log: (line) => this.run.log(line),
    });
    const check = async (): Promise<void> => {
      rights.assumed(arn);
      rights.source(table, config.export, exports);
      rights.put(bucket, `${config.deadLetters.prefix}any`);
      rights.domain(domainArn);
      await checkDomain(name, call);
    };
    this.pipelines.push({ pipeline, accessKeyId, principal, check });
  }

  private positionOf(name: string): Position {
    const kept = this.positions.get(name);
    return kept === undefined ? { startedAt: Date.now(), exported: false } : (JSON.parse(kept) as Position);
  }
}

/** https://docs.aws.amazon.com/opensearch-service/latest/developerguide/configure-client-ddb.html */
function tableOf(
  config: PipelineConfig,
  table: SourceTable | undefined,
  refuse: (message: string) => never,
): SourceTable {
  if (table === undefined) return refuse(`table ${config.tableArn} is not part of this app`);
  if (config.export !== undefined && !table.pointInTimeRecovery) {
    refuse(`point-in-time recovery must be enabled to export table ${table.arn}`);
  }
  // As its source checks when it begins.
  if (table.streamViewType !== 'NEW_IMAGE' && table.streamViewType !== 'NEW_AND_OLD_IMAGES') {
    refuse(
      `the stream of ${table.arn} must have NEW_IMAGE or NEW_AND_OLD_IMAGES, got ${table.streamViewType ?? 'none'}`,
    );
  }
  return table;
}

/** What the role of a pipeline is asked for. */
class Rights {
  public constructor(
    private readonly run: ServiceRun,
    private readonly principal: Principal & { readonly roleArn: string },
  ) {}

  /** Whether the service may act by the role. */
  public assumed(pipelineArn: string): void {
    const { accountId, others } = this.run;
    const context = { 'aws:SourceArn': pipelineArn, 'aws:SourceAccount': accountId };
    const { roleArn, name } = this.principal;
    if (!others.authorizer.mayAssume(roleArn, SERVICE, context)) {
      throw new Error(`pipeline ${name}: ${SERVICE} may not assume ${roleArn} for ${pipelineArn}`);
    }
  }

  /** The calls that the source makes. */
  public source(table: SourceTable, config: ExportConfig | undefined, exports: ObjectBucket | undefined): void {
    const dynamodb = (actions: readonly string[], resource: string): void => {
      for (const action of actions) this.allow(`dynamodb:${action}`, resource);
    };
    dynamodb(['DescribeTable'], table.arn);
    dynamodb(['DescribeStream', 'GetShardIterator', 'GetRecords'], table.streamArn ?? table.arn);
    if (table.keyArn !== undefined) this.key(['Decrypt'], table.keyArn, 'dynamodb');
    if (config === undefined || exports === undefined) return;
    dynamodb(['DescribeContinuousBackups', 'ExportTableToPointInTime'], table.arn);
    const id = `01700000000000-${randomUUID().slice(0, 8)}`;
    dynamodb(['DescribeExport'], `${table.arn}/export/${id}`);
    const object = `${exports.arn}/${config.prefix}/AWSDynamoDB/${id}/manifest-summary.json`;
    for (const action of ['PutObject', 'PutObjectAcl', 'AbortMultipartUpload', 'GetObject']) {
      this.allow(`s3:${action}`, object);
    }
    const key = keyArn(config.keyId, this.run) ?? exports.keyArn;
    if (key !== undefined) this.key(['GenerateDataKey', 'Decrypt'], key, 's3');
  }

  /** An object that the sink puts. */
  public put(bucket: ObjectBucket, key: string): void {
    this.allow('s3:PutObject', `${bucket.arn}/${key}`);
    if (bucket.keyArn !== undefined) this.key(['GenerateDataKey'], bucket.keyArn, 's3');
  }

  /** https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-domain-access.html */
  public domain(arn: string): void {
    this.allow('es:DescribeDomain', arn);
  }

  private key(actions: readonly string[], arn: string, service: string): void {
    const { region, accountId } = this.run;
    const context = { 'kms:ViaService': `${service}.${region}.amazonaws.com`, 'kms:CallerAccount': accountId };
    for (const action of actions) this.run.others.authorizer.authorize(this.principal, `kms:${action}`, [arn], context);
  }

  private allow(action: string, resource: string): void {
    this.run.others.authorizer.authorize(this.principal, action, [resource]);
  }
}

function checkLogs(properties: PropertyReader): void {
  const logs = properties.nested('LogPublishingOptions', { used: ['IsLoggingEnabled', 'CloudWatchLogDestination'] });
  const isOn = logs?.optionalBoolean('IsLoggingEnabled') ?? false;
  const group = logs?.nested('CloudWatchLogDestination', { used: ['LogGroup'] })?.string('LogGroup');
  if (isOn && group === undefined) properties.refuse('LogPublishingOptions must name a LogGroup where logging is on');
  if (group !== undefined && !LOG_GROUP.test(group)) {
    properties.refuse(`LogGroup must begin with /aws/vendedlogs/, got ${group}`);
  }
}

function checkNetwork(properties: PropertyReader): void {
  const network = properties.nested('VpcOptions', {
    used: ['SubnetIds'],
    inert: ['SecurityGroupIds', 'VpcEndpointManagement'],
  });
  if (network?.list('SubnetIds').length === 0) properties.refuse('VpcOptions must name SubnetIds');
}
