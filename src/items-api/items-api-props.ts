import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import { ServiceStage } from './service-stage';
import { StatefulResourceOptions } from '../core/stateful-resource-options';
import { HttpServiceOptions } from '../http-service/http-service-props';
import { TableBilling } from '../social-table/table-billing';

/** Properties of an ItemsApi. What is given here counts before what the stage says. */
export interface ItemsApiProps extends HttpServiceOptions, StatefulResourceOptions {
  /**
   * Where it is deployed to: decides memory, time-outs, log retention, capacity, concurrency, and what becomes of the
   * data.
   *
   * @default - ServiceStage.DEV with its data kept: only a stage that is named takes data away
   */
  readonly stage?: ServiceStage;
  /**
   * A table that is there already. It has the string keys `PK` and `SK`, and the indexes `GSI1` and `GSI2` with the keys
   * `GSI1PK`, `GSI1SK` and so on and all attributes.
   *
   * @default - a new table
   */
  readonly table?: dynamodb.ITable;
  /** How the capacity of the new table is paid for. @default - as the stage says */
  readonly billing?: TableBilling;
  /** What `GET /health` says that the service is. @default items-api */
  readonly serviceName?: string;
  /** What `GET /health` says that its version is, such as that of your release. @default 1.0.0 */
  readonly serviceVersion?: string;
}

/** What an imported ItemsApi is known by. */
export interface ItemsApiAttributes {
  /** Id of the HTTP API. */
  readonly httpApiId: string;
  /** Where the API is served. */
  readonly url: string;
}
