import { makeAppSync } from './appsync';
import { makeCognito } from './cognito';
import { customResources } from './custom-resource';
import { makeDynamoDb } from './dynamodb';
import { eventSourceMappings } from './event-source';
import { makeHttpApi } from './http-api';
import { makeIam } from './iam';
import { kms } from './kms';
import { lambda } from './lambda';
import { openSearch } from './opensearch';
import { openSearchIngestion } from './opensearch-ingestion';
import { restApi } from './rest-api';
import { s3 } from './s3';
import { secretsManager } from './secrets-manager';
import { LocalService } from './service';
import { sqs } from './sqs';

/**
 * The services of this machine, the only place that names them. They start in this order and are closed in the other:
 * what keeps data comes first, what calls it after.
 */
export const SERVICES: readonly LocalService[] = [
  makeIam(),
  kms,
  makeDynamoDb(),
  s3,
  sqs,
  secretsManager,
  makeCognito(),
  openSearch,
  eventSourceMappings,
  openSearchIngestion,
  customResources,
  lambda,
  makeHttpApi(),
  restApi,
  makeAppSync(),
];

/** The list with services in the place of those of the same name, and new ones at its end. */
export function servicesWith(...others: readonly LocalService[]): readonly LocalService[] {
  const byName = new Map([...SERVICES, ...others].map((service) => [service.name, service]));
  return [...byName.values()];
}
