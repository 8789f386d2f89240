import { describe, PropertyReader } from '../assembly';
import { checkAccessLogFormat } from '../gateway/access-log';
import { DeployedResource } from '../types';
import { RestStage } from './rest-api';
import { MethodSetting } from './stage-settings';
import { texts } from './text';

/** A stage with the deployment that it shows. */
export interface ReadStage {
  readonly properties: PropertyReader;
  readonly deploymentId: string;
  readonly stage: Omit<RestStage, 'deployment'>;
}

/** Reads `AWS::ApiGateway::Stage`. Throws an Error naming what is not supported here. */
export function readStage(resource: DeployedResource): ReadStage {
  const properties = new PropertyReader(resource, {
    used: [
      'AccessLogSetting',
      'CacheClusterEnabled',
      'DeploymentId',
      'MethodSettings',
      'RestApiId',
      'StageName',
      'Variables',
    ],
    // Here a cache is as large as what it holds.
    inert: ['CacheClusterSize', 'Description', 'Tags', 'TracingEnabled'],
  });
  const logging = properties.nested('AccessLogSetting', { used: ['Format'], inert: ['DestinationArn'] });
  const accessLogFormat = logging?.optionalString('Format');
  if (accessLogFormat !== undefined) checkAccessLogFormat(accessLogFormat, describe(resource));
  const variables = properties.optionalObject('Variables');
  return {
    properties,
    deploymentId: properties.string('DeploymentId'),
    stage: {
      name: properties.string('StageName'),
      variables: variables === undefined ? undefined : texts(variables),
      settings: readSettings(properties),
      cacheCluster: properties.optionalBoolean('CacheClusterEnabled') ?? false,
      accessLogFormat,
    },
  };
}

function readSettings(properties: PropertyReader): MethodSetting[] {
  return properties
    .nestedList('MethodSettings', {
      used: [
        'CacheTtlInSeconds',
        'CachingEnabled',
        'HttpMethod',
        'ResourcePath',
        'ThrottlingBurstLimit',
        'ThrottlingRateLimit',
      ],
      inert: ['CacheDataEncrypted', 'DataTraceEnabled', 'LoggingLevel', 'MetricsEnabled'],
    })
    .map((settings) => {
      const rate = settings.optionalNumber('ThrottlingRateLimit');
      const burst = settings.optionalNumber('ThrottlingBurstLimit');
      const cacheTtlSeconds = settings.optionalNumber('CacheTtlInSeconds');
      if (cacheTtlSeconds !== undefined && (cacheTtlSeconds < 0 || cacheTtlSeconds > 3600)) {
        settings.refuse(`CacheTtlInSeconds must be 0 to 3600, got ${cacheTtlSeconds}`);
      }
      const unbound = rate === undefined && burst === undefined;
      return {
        path: pathOf(settings.string('ResourcePath')),
        httpMethod: settings.string('HttpMethod'),
        // One of the two alone leaves the other at the account's limit.
        throttle: unbound ? undefined : { rate: rate ?? 10_000, burst: burst ?? 5000 },
        cachingEnabled: settings.optionalBoolean('CachingEnabled'),
        cacheTtlSeconds,
      };
    });
}

/** `/~1items~1{id}` is `/items/{id}`, `/*` is every path. */
function pathOf(resourcePath: string): string {
  const path = resourcePath.replace(/^\//, '').replaceAll('~1', '/').replaceAll('~0', '~');
  return path === '' ? '/' : path;
}
