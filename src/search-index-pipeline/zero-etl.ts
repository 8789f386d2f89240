import { ArnFormat, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as osis from 'aws-cdk-lib/aws-osis';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { DEAD_LETTER_PREFIX, EXPORT_PREFIX, pipelineYaml, SUB_PIPELINE } from './pipeline-yaml';
import { BoundZeroEtl } from './search-ingestion';
import { BoundSource } from './search-source';
import { SearchStore } from './search-store';
import { acknowledgeWildcards } from './wildcards';
import { acknowledge } from '../core/acknowledge';
import { allowLogs } from '../core/bundled-function';

/** @internal */
export interface ZeroEtlProps {
  readonly source: BoundSource;
  readonly ingestion: BoundZeroEtl;
  readonly store: SearchStore;
  readonly index: string;
  readonly removalPolicy: RemovalPolicy;
  readonly logRetention: logs.RetentionDays;
  readonly logEncryptionKey?: kms.IKey;
}

/** What names of pipelines may have: 3 to 28 lower-case letters, digits and hyphens. */
const NAME_LENGTH = 28;

/**
 * An OpenSearch Ingestion pipeline from a table to an index: an export of the table first, then its stream.
 *
 * @internal
 */
export class ZeroEtl extends Construct {
  public readonly pipeline: osis.CfnPipeline;
  public readonly pipelineName: string;
  public readonly role: iam.Role;
  public readonly deadLetterBucket: s3.Bucket;

  public constructor(scope: Construct, id: string, props: ZeroEtlProps) {
    super(scope, id);
    const { source, ingestion, store, removalPolicy } = props;
    const stack = Stack.of(this);
    this.pipelineName = this.makeName();
    const streamArn = source.registerReader(scope.node.path);
    const key = new kms.Key(this, 'Key', {
      description: `Exports of the table and documents that were refused, of ${scope.node.path}`,
      enableKeyRotation: true,
      removalPolicy,
    });
    const exports = this.bucket('Exports', { key, removalPolicy, expiration: Duration.days(1) });
    this.deadLetterBucket = this.bucket('DeadLetters', {
      key,
      removalPolicy,
      expiration: ingestion.deadLetterRetention,
    });
    this.role = this.makeRole();
    this.allowSource(source, streamArn);
    this.allowBuckets(key, exports);
    const access = store.grant(this.role, 'pipeline');
    this.pipeline = new osis.CfnPipeline(this, 'Pipeline', {
      pipelineName: this.pipelineName,
      minUnits: ingestion.minUnits,
      maxUnits: ingestion.maxUnits,
      logPublishingOptions: {
        isLoggingEnabled: true,
        cloudWatchLogDestination: { logGroup: this.logGroup(props).logGroupName },
      },
      vpcOptions: store.pipelineNetwork,
      pipelineConfigurationBody: pipelineYaml({
        documents: source.documents,
        tableArn: source.tableArn,
        region: stack.region,
        roleArn: this.role.roleArn,
        exportBucket: exports.bucketName,
        exportKeyArn: key.keyArn,
        deadLetterBucket: this.deadLetterBucket.bucketName,
        endpoint: store.endpoint,
        index: props.index,
        sinkOptions: store.sinkOptions,
      }),
    });
    // With all of the role's rights, which OpenSearch Ingestion tries when it makes the pipeline.
    access.applyBefore(this.pipeline);
    this.pipeline.node.addDependency(this.role, ...store.prerequisites);
  }

  /**
   * A metric of the pipeline by its documented name, such as `opensearch.documentErrors.count`.
   *
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/monitoring-pipeline-metrics.html
   */
  public metric(name: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return pipelineMetric(this.pipelineName, name, options);
  }

  private makeName(): string {
    const readable = Names.uniqueResourceName(this, {
      maxLength: 200,
      separator: '-',
      allowedSpecialCharacters: '-',
    });
    const begin = readable.toLowerCase().replace(/^[^a-z]+/, '');
    return `${begin.slice(0, NAME_LENGTH - 9)}-${this.node.addr.slice(-8)}`;
  }

  private bucket(
    id: string,
    options: { key: kms.IKey; removalPolicy: RemovalPolicy; expiration: Duration },
  ): s3.Bucket {
    const bucket = new s3.Bucket(this, id, {
      encryption: s3.BucketEncryption.KMS,
      encryptionKey: options.key,
      bucketKeyEnabled: true,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      lifecycleRules: [{ expiration: options.expiration, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy: options.removalPolicy,
    });
    acknowledge(bucket.node.defaultChild, {
      id: 'AwsSolutions-S1',
      reason: 'Only the pipeline writes here, and CloudTrail has what it calls',
    });
    return bucket;
  }

  /**
   * Only this pipeline assumes the role.
   *
   * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/pipeline-domain-access.html
   */
  private makeRole(): iam.Role {
    const stack = Stack.of(this);
    return new iam.Role(this, 'Role', {
      description: `Ingestion from the table to the index of ${this.node.path}`.slice(0, 1000),
      assumedBy: new iam.ServicePrincipal('osis-pipelines.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: {
            'aws:SourceArn': stack.formatArn({
              service: 'osis',
              resource: 'pipeline',
              resourceName: this.pipelineName,
              arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
            }),
          },
        },
      }),
    });
  }

  /** @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/configure-client-ddb.html */
  private allowSource(source: BoundSource, streamArn: string): void {
    const allow = (actions: string[], resource: string) =>
      this.role.addToPrincipalPolicy(
        new iam.PolicyStatement({ actions: actions.map((action) => `dynamodb:${action}`), resources: [resource] }),
      );
    allow(['DescribeTable', 'DescribeContinuousBackups', 'ExportTableToPointInTime'], source.tableArn);
    const exports = `${source.tableArn}/export/*`;
    allow(['DescribeExport'], exports);
    allow(['DescribeStream', 'GetRecords', 'GetShardIterator'], streamArn);
    source.grantDecrypt(this.role);
    acknowledgeWildcards(this.role, { resources: [exports], reason: 'An export has its name from DynamoDB' });
  }

  private allowBuckets(key: kms.IKey, exports: s3.IBucket): void {
    const [exported, refused] = [
      exports.arnForObjects(`${EXPORT_PREFIX}*`),
      this.deadLetterBucket.arnForObjects(`${DEAD_LETTER_PREFIX}*`),
    ];
    const statements: [string[], string][] = [
      [['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject', 's3:PutObjectAcl'], exported],
      [['s3:PutObject'], refused],
      [['kms:Decrypt', 'kms:GenerateDataKey'], key.keyArn],
    ];
    for (const [actions, resource] of statements) {
      this.role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
    }
    acknowledgeWildcards(this.role, { resources: [exported, refused], reason: 'Objects of these folders' });
  }

  /** @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/monitoring-pipeline-logs.html */
  private logGroup(props: ZeroEtlProps): logs.LogGroup {
    if (props.logEncryptionKey) {
      allowLogs(this, props.logEncryptionKey);
    }
    return new logs.LogGroup(this, 'Logs', {
      // OpenSearch Ingestion writes to groups with this beginning.
      logGroupName: `/aws/vendedlogs/OpenSearchIngestion/${this.pipelineName}`,
      retention: props.logRetention,
      encryptionKey: props.logEncryptionKey,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }
}

/** @internal */
export function pipelineMetric(
  pipelineName: string,
  name: string,
  options?: cloudwatch.MetricOptions,
): cloudwatch.Metric {
  return new cloudwatch.Metric({
    namespace: 'AWS/OSIS',
    metricName: `${SUB_PIPELINE}.${name}`,
    dimensionsMap: { PipelineName: pipelineName },
    statistic: cloudwatch.Stats.SUM,
    ...options,
  });
}
