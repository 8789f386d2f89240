import * as backup from 'aws-cdk-lib/aws-backup';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { StatefulResourceOptions } from '../core/stateful-resource-options';
import { HttpServiceOptions } from '../http-service/http-service-props';

/** Properties of a PersonalisationApi. */
export interface PersonalisationApiProps extends HttpServiceOptions, StatefulResourceOptions {
  /**
   * A table that is there already, such as one that was restored from a backup: keys `PK` and `SK`, both text. Its time
   * to live, on the attribute `expiresAt`, is its owner's to turn on.
   *
   * @default - a new table
   */
  readonly table?: dynamodb.ITable;
  /** Name of the new table. A table that has one cannot be replaced by CloudFormation. @default - one that CloudFormation makes */
  readonly tableName?: string;
  /**
   * A plan of AWS Backup that the table joins: copies that outlive the 35 days of point-in-time recovery, and the table.
   *
   * @default - none
   */
  readonly backupPlan?: backup.IBackupPlan;
}

/** What an imported PersonalisationApi is known by. */
export interface PersonalisationApiAttributes {
  /** Id of the HTTP API. */
  readonly httpApiId: string;
  /** Where the API is served, with `/api/v1`. */
  readonly url: string;
}
