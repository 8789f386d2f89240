import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkInteger, checkOrder, knownSeconds } from '../core/checks';

/** How an OpenSearch Ingestion pipeline brings changes into the index. */
export interface ZeroEtlOptions {
  /**
   * Ingestion compute units (OCUs) that run always, each charged by the hour (1 to 96).
   *
   * @default 1
   */
  readonly minUnits?: number;
  /** OCUs to which the pipeline scales (1 to 96, at least `minUnits`). @default 4, or minUnits where that is more */
  readonly maxUnits?: number;
  /** How long documents that the index refused are kept in S3 (1 to 3650 days). @default Duration.days(90) */
  readonly deadLetterRetention?: Duration;
}

/** How a Lambda function brings changes into the index. */
export interface LambdaIngestionOptions {
  /** Records of the stream that the function gets at a time (1 to 10,000). @default 100 */
  readonly batchSize?: number;
  /** Batches of one shard at a time (1 to 10): versions keep the order of a document. @default 10 */
  readonly parallelization?: number;
  /**
   * How long a change is tried while OpenSearch does not take it (1 minute to 24 hours, as long as the stream keeps
   * it). After that, its place in the stream goes to the dead-letter queue.
   *
   * @default Duration.hours(24)
   */
  readonly maxRecordAge?: Duration;
  /** Time-out of the function (10 seconds to 15 minutes). @default Duration.seconds(30) */
  readonly timeout?: Duration;
  /**
   * Whether what was in the table before is loaded when the index is made. Scanning a table that is empty costs next to
   * nothing.
   *
   * @default true
   */
  readonly backfill?: boolean;
}

/** @internal */
export interface BoundZeroEtl {
  readonly kind: 'zero-etl';
  readonly minUnits: number;
  readonly maxUnits: number;
  readonly deadLetterRetention: Duration;
}

/** @internal */
export interface BoundLambda {
  readonly kind: 'lambda';
  readonly batchSize: number;
  readonly parallelization: number;
  readonly maxRecordAge: number;
  readonly timeout: number;
  readonly backfill: boolean;
}

/** How changes of the table come into the index. */
export abstract class SearchIngestion {
  /**
   * An OpenSearch Ingestion pipeline: no code runs in your account, the table's past is loaded first. At least one
   * compute unit is charged by the hour, about 175 USD a month.
   */
  public static zeroEtl(options: ZeroEtlOptions = {}): SearchIngestion {
    return new ZeroEtl(options);
  }

  /** A Lambda function on the table's stream: next to nothing to pay while nothing changes. */
  public static lambda(options: LambdaIngestionOptions = {}): SearchIngestion {
    return new LambdaIngestion(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct): BoundZeroEtl | BoundLambda;
}

/** @see https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_osis_CreatePipeline.html */
const MAX_UNITS = 96;

class ZeroEtl extends SearchIngestion {
  public constructor(private readonly options: ZeroEtlOptions) {
    super();
  }

  public _bind(scope: Construct): BoundZeroEtl {
    const { minUnits = 1, maxUnits = Math.max(4, minUnits), deadLetterRetention = Duration.days(90) } = this.options;
    checkInteger('ingestion.minUnits', minUnits, { min: 1, max: MAX_UNITS }, scope);
    checkInteger('ingestion.maxUnits', maxUnits, { min: 1, max: MAX_UNITS }, scope);
    checkOrder('ingestion.minUnits', minUnits, 'ingestion.maxUnits', maxUnits);
    knownSeconds('ingestion.deadLetterRetention', deadLetterRetention, { min: 86_400, max: 3650 * 86_400 }, scope);
    return { kind: 'zero-etl', minUnits, maxUnits, deadLetterRetention };
  }
}

class LambdaIngestion extends SearchIngestion {
  public constructor(private readonly options: LambdaIngestionOptions) {
    super();
  }

  public _bind(scope: Construct): BoundLambda {
    const { batchSize = 100, parallelization = 10 } = this.options;
    const { maxRecordAge = Duration.hours(24), timeout = Duration.seconds(30) } = this.options;
    checkInteger('ingestion.batchSize', batchSize, { min: 1, max: 10_000 }, scope);
    checkInteger('ingestion.parallelization', parallelization, { min: 1, max: 10 }, scope);
    return {
      kind: 'lambda',
      batchSize,
      parallelization,
      maxRecordAge: knownSeconds('ingestion.maxRecordAge', maxRecordAge, { min: 60, max: 86_400 }, scope),
      timeout: knownSeconds('ingestion.timeout', timeout, { min: 10, max: 900 }, scope),
      backfill: this.options.backfill ?? true,
    };
  }
}
