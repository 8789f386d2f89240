import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { failure } from './checks';

/** What every construct that keeps data may be given. */
export interface StatefulResourceOptions {
  /**
   * A customer managed key for tables and secrets that the construct makes.
   *
   * @default - see `encryption`
   */
  readonly encryptionKey?: kms.IKey;
  /**
   * Whose key encrypts the tables: `AWS_MANAGED` (`aws/dynamodb`, in your account, charged by use of KMS), `DEFAULT`
   * (AWS owns the key; free) or `CUSTOMER_MANAGED`, which needs `encryptionKey`. DynamoDB encrypts always.
   *
   * @default - CUSTOMER_MANAGED with an encryptionKey, otherwise AWS_MANAGED
   */
  readonly encryption?: dynamodb.TableEncryption;
  /** What becomes of the data when its resource leaves the stack. @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Whether DynamoDB refuses to delete the tables, whoever asks.
   *
   * @default - true, but false where removalPolicy is DESTROY
   */
  readonly deletionProtection?: boolean;
  /** Restore of the tables to any second of the last 35 days. @default true */
  readonly pointInTimeRecovery?: boolean;
}

/**
 * The options of data among a construct's props, to hand them on.
 *
 * @internal
 */
export function statefulOptions(props: StatefulResourceOptions): StatefulResourceOptions {
  return {
    encryptionKey: props.encryptionKey,
    encryption: props.encryption,
    removalPolicy: props.removalPolicy,
    deletionProtection: props.deletionProtection,
    pointInTimeRecovery: props.pointInTimeRecovery,
  };
}

/**
 * The same as props of a table, with the defaults that all tables of this library share.
 *
 * @internal
 */
export function tableProtection(scope: Construct, options: StatefulResourceOptions) {
  const { encryptionKey, encryption } = options;
  if (encryptionKey && encryption !== undefined && encryption !== dynamodb.TableEncryption.CUSTOMER_MANAGED) {
    throw failure(`Either provide encryptionKey or encryption ${encryption}, but not both`, scope);
  }
  if (!encryptionKey && encryption === dynamodb.TableEncryption.CUSTOMER_MANAGED) {
    throw failure('encryption CUSTOMER_MANAGED needs encryptionKey, got none', scope);
  }
  const removalPolicy = options.removalPolicy ?? RemovalPolicy.RETAIN;
  return {
    removalPolicy,
    deletionProtection: options.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: options.pointInTimeRecovery ?? true },
    encryption: encryptionKey
      ? dynamodb.TableEncryption.CUSTOMER_MANAGED
      : (encryption ?? dynamodb.TableEncryption.AWS_MANAGED),
    encryptionKey,
  };
}
