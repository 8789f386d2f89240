import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { checkInteger, checkOrder } from '../core/checks';

/** Limits of on-demand capacity. */
export interface OnDemandBillingProps {
  /**
   * Read request units a second at most, for the table and for each index: a bound on cost. Beyond it, reads are
   * throttled.
   *
   * @default - no limit but the account's
   */
  readonly maxReadRequestUnits?: number;
  /**
   * Write request units a second at most, for the table and for each index. Beyond it, writes are throttled.
   *
   * @default - no limit but the account's
   */
  readonly maxWriteRequestUnits?: number;
}

/** Provisioned capacity that scales by itself between two bounds. */
export interface CapacityRange {
  /** Capacity units at least; also what the table starts with. */
  readonly minCapacity: number;
  /** Capacity units at most. */
  readonly maxCapacity: number;
  /**
   * Share of the capacity that scaling aims to have consumed, in percent (20 to 90).
   *
   * @default 70
   */
  readonly targetUtilizationPercent?: number;
}

/** Provisioned capacity of a table and of each of its indexes. */
export interface ProvisionedBillingProps {
  /** Bounds of the read capacity. */
  readonly read: CapacityRange;
  /** Bounds of the write capacity. */
  readonly write: CapacityRange;
}

/** How a table's capacity is paid for. */
export abstract class TableBilling {
  /** Pay for each request, as many as come: the default, right for uneven or unknown load. */
  public static onDemand(props: OnDemandBillingProps = {}): TableBilling {
    return new OnDemand(props);
  }

  /** Pay for capacity by the hour, scaled to the load: cheaper where the load is steady. */
  public static provisioned(props: ProvisionedBillingProps): TableBilling {
    return new Provisioned(props);
  }

  /** The billing mode as DynamoDB names it. */
  public abstract readonly billingMode: dynamodb.BillingMode;

  /**
   * What the table, or one of its indexes, is created with.
   *
   * @internal
   */
  public abstract _capacity(): CapacityProps;

  /**
   * Adds scaling to the table and these of its indexes.
   *
   * @internal
   */
  public abstract _scale(table: dynamodb.Table, indexes: readonly string[]): void;
}

type CapacityProps = Pick<
  dynamodb.TableOptions,
  'readCapacity' | 'writeCapacity' | 'maxReadRequestUnits' | 'maxWriteRequestUnits'
>;

class OnDemand extends TableBilling {
  public readonly billingMode = dynamodb.BillingMode.PAY_PER_REQUEST;

  public constructor(private readonly props: OnDemandBillingProps) {
    super();
    checkInteger('billing.maxReadRequestUnits', props.maxReadRequestUnits, { min: 1 });
    checkInteger('billing.maxWriteRequestUnits', props.maxWriteRequestUnits, { min: 1 });
  }

  public _capacity(): CapacityProps {
    return {
      maxReadRequestUnits: this.props.maxReadRequestUnits,
      maxWriteRequestUnits: this.props.maxWriteRequestUnits,
    };
  }

  public _scale(): void {
    // DynamoDB scales on-demand tables itself.
  }
}

function checkRange(prop: string, range: CapacityRange): void {
  checkInteger(`${prop}.minCapacity`, range.minCapacity, { min: 1 });
  checkInteger(`${prop}.maxCapacity`, range.maxCapacity, { min: 1 });
  checkOrder(`${prop}.minCapacity`, range.minCapacity, `${prop}.maxCapacity`, range.maxCapacity);
  checkInteger(`${prop}.targetUtilizationPercent`, range.targetUtilizationPercent, { min: 20, max: 90 });
}

class Provisioned extends TableBilling {
  public readonly billingMode = dynamodb.BillingMode.PROVISIONED;

  public constructor(private readonly props: ProvisionedBillingProps) {
    super();
    checkRange('billing.read', props.read);
    checkRange('billing.write', props.write);
  }

  public _capacity(): CapacityProps {
    return { readCapacity: this.props.read.minCapacity, writeCapacity: this.props.write.minCapacity };
  }

  public _scale(table: dynamodb.Table, indexes: readonly string[]): void {
    const { read, write } = this.props;
    scale(table.autoScaleReadCapacity(read), read);
    scale(table.autoScaleWriteCapacity(write), write);
    for (const index of indexes) {
      scale(table.autoScaleGlobalSecondaryIndexReadCapacity(index, read), read);
      scale(table.autoScaleGlobalSecondaryIndexWriteCapacity(index, write), write);
    }
  }
}

function scale(attribute: dynamodb.IScalableTableAttribute, range: CapacityRange): void {
  attribute.scaleOnUtilization({ targetUtilizationPercent: range.targetUtilizationPercent ?? 70 });
}
