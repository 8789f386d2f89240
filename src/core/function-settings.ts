import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as logs from 'aws-cdk-lib/aws-logs';

/** Settings that every function of a construct shares. */
export interface FunctionSettings {
  /**
   * Memory of each function in MB.
   *
   * @default 512
   */
  readonly memorySize?: number;
  /**
   * Runtime of the functions; their code is built for Node.js 20 and later.
   *
   * @default lambda.Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;
  /**
   * How long the functions' logs are kept.
   *
   * @default logs.RetentionDays.ONE_MONTH
   */
  readonly logRetention?: logs.RetentionDays;
}
