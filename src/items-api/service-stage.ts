import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { failure } from '../core/checks';
import { TableBilling } from '../social-table/table-billing';

/** What a stage decides. */
export interface ServiceStageSettings {
  /** Memory of each function in MB, but for the health check's. @default 1024 */
  readonly memorySize?: number;
  /** Memory of the function of the health check in MB. @default 128 */
  readonly healthMemorySize?: number;
  /**
   * Longest run of a function, but for the health check's. An HTTP API waits for at most 30 seconds.
   *
   * @default Duration.seconds(30)
   */
  readonly timeout?: Duration;
  /** Longest run of the health check. @default Duration.seconds(3) */
  readonly healthTimeout?: Duration;
  /** How long logs are kept. @default logs.RetentionDays.ONE_MONTH */
  readonly logRetention?: logs.RetentionDays;
  /** How the table's capacity is paid for. @default TableBilling.onDemand() */
  readonly billing?: TableBilling;
  /**
   * Sandboxes kept ready, by operation: `{ GetItem: 2 }`. They are paid for by the hour, and Lambda takes them from what
   * the account may have at a time, of which it keeps 100 for others.
   *
   * @default - none
   */
  readonly provisionedConcurrency?: { readonly [operation: string]: number };
  /**
   * Invocations that a function may have at a time and that no other takes from it, by operation.
   *
   * @default - none: functions share what the account has
   */
  readonly reservedConcurrency?: { readonly [operation: string]: number };
  /** What becomes of the data when the stack goes. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** Whether DynamoDB refuses to delete the table. @default - true, but false where removalPolicy is DESTROY */
  readonly deletionProtection?: boolean;
  /** Restore of the table to any second of the last 35 days. @default true */
  readonly pointInTimeRecovery?: boolean;
}

/** What is steady enough to be paid for by the hour begins here, and grows with the load. */
const STEADY = { minCapacity: 5, maxCapacity: 1000 };

/**
 * Where a service is deployed to, and what follows from it. Three are there; `with` changes one, and `of` makes another.
 *
 * `ServiceStage.PROD.with({ provisionedConcurrency: { GetItem: 5 } })`
 */
export class ServiceStage {
  /** For those who build it: on demand, logs for a week; its data goes with its stack. */
  public static readonly DEV = new ServiceStage('dev', {
    logRetention: logs.RetentionDays.ONE_WEEK,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  /** For tests: on demand, logs for two weeks; its data goes with its stack. */
  public static readonly TEST = new ServiceStage('test', {
    logRetention: logs.RetentionDays.TWO_WEEKS,
    removalPolicy: RemovalPolicy.DESTROY,
  });

  /**
   * For those who use it: provisioned capacity that scales, a sandbox kept ready for what is asked most, logs for a
   * year. Its data stays, whatever becomes of the stack, and is protected from deletion.
   */
  public static readonly PROD = new ServiceStage('prod', {
    logRetention: logs.RetentionDays.ONE_YEAR,
    billing: TableBilling.provisioned({ read: STEADY, write: STEADY }),
    provisionedConcurrency: { CreateItem: 1, GetItem: 1, ListItems: 1 },
    removalPolicy: RemovalPolicy.RETAIN,
    deletionProtection: true,
    pointInTimeRecovery: true,
  });

  /**
   * A stage of your own.
   *
   * @param name of lower-case letters, digits and hyphens; `GET /health` tells it as `environment`
   * @param settings what is left out is as each setting says
   */
  public static of(name: string, settings?: ServiceStageSettings): ServiceStage {
    return new ServiceStage(name, settings ?? {});
  }

  /**
   * One of the three by its name, as a command line or a variable has it.
   *
   * @throws where there is none of that name
   */
  public static named(name: string): ServiceStage {
    const stage = [ServiceStage.DEV, ServiceStage.TEST, ServiceStage.PROD].find((one) => one.name === name);
    if (!stage) {
      throw failure(`stage must be one of dev, test, prod, got: ${name}`);
    }
    return stage;
  }

  private constructor(
    /** `dev`, `test`, `prod`, or a name of your own. */
    public readonly name: string,
    /** What it decides. */
    public readonly settings: ServiceStageSettings,
  ) {
    if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
      throw failure(`stage must have a name of lower-case letters, digits and hyphens, got: ${name}`);
    }
  }

  /** The same stage with other settings: those that are named here, and no others. */
  public with(settings: ServiceStageSettings): ServiceStage {
    return new ServiceStage(this.name, { ...this.settings, ...settings });
  }
}
