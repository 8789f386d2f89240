import { IResource } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { SocialStreamConsumer, SocialStreamConsumerOptions } from './social-stream-consumer';

/** A SocialTable, made in this app or imported. */
export interface ISocialTable extends IResource {
  /** The DynamoDB table itself. */
  readonly table: dynamodb.ITable;
  /** Physical name of the table. @attribute */
  readonly tableName: string;
  /** ARN of the table. @attribute */
  readonly tableArn: string;
  /** Undefined where the table has no stream, or was imported without it. @attribute */
  readonly tableStreamArn?: string;
  /** Names of its overloaded indexes: `GSI1` and so on. */
  readonly indexNames: string[];
  /** The customer managed key; undefined for the key that AWS manages. */
  readonly encryptionKey?: kms.IKey;
  /** On how many partitions what everybody writes is spread. */
  readonly writeShards: number;

  /** Lets the grantee read items, from the table and its indexes. */
  grantReadData(grantee: iam.IGrantable): iam.Grant;

  /** Lets the grantee write items. */
  grantWriteData(grantee: iam.IGrantable): iam.Grant;

  /** Lets the grantee read and write items. */
  grantReadWriteData(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets the grantee do just these actions on the base table, not on its indexes: for functions with least privilege.
   *
   * @param grantee who is allowed
   * @param actions such as `dynamodb:GetItem`
   * @param leadingKeys patterns of partition keys such as `USER#*`; without them, every partition. Refused for actions
   * that such a condition does not bound, as Scan, PartiQL and wildcards.
   */
  grantOnKeys(grantee: iam.IGrantable, actions: string[], leadingKeys?: string[]): iam.Grant;

  /** Lets the grantee read the table's stream. @throws where there is no stream */
  grantStreamRead(grantee: iam.IGrantable): iam.Grant;

  /**
   * Takes one of the two places for readers of the stream. Whatever reads the stream itself calls this, so that a
   * third reader is an error at synth and not throttling at run time. The router of all stream consumers takes one
   * place with the first `addStreamConsumer`.
   *
   * @param reader name for error messages
   * @returns the stream's ARN
   */
  registerStreamReader(reader: string): string;

  /**
   * Tells a queue of events in this table. All consumers share one reader of the stream.
   *
   * @param id construct id, unique in this table
   * @throws where there is no stream, or both its readers are taken
   */
  addStreamConsumer(id: string, options: SocialStreamConsumerOptions): SocialStreamConsumer;

  /** Any metric of the table; average over 5 minutes by default. */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Any metric of one index (`GSI1` and so on); average over 5 minutes by default. */
  metricForIndex(indexName: string, metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Sum over 5 minutes by default. */
  metricConsumedReadCapacityUnits(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Sum over 5 minutes by default. */
  metricConsumedWriteCapacityUnits(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Throttled reads; sum over 5 minutes by default. */
  metricReadThrottleEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Throttled writes; sum over 5 minutes by default. */
  metricWriteThrottleEvents(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Throttled requests of one operation, as `GetItem`; sum over 5 minutes by default. */
  metricThrottledRequests(operation: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /** Items refused because another transaction held them; sum over 5 minutes by default. */
  metricTransactionConflict(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}
