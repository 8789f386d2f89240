import { describe, PropertyReader } from '../assembly';
import { checkAccessLogFormat } from '../gateway/access-log';
import { DeployedResource } from '../types';
import { MethodThrottle, RestStage } from './rest-api';
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
    inert: ['Description', 'Tags', 'TracingEnabled'],
  });
  if (properties.optionalBoolean('CacheClusterEnabled')) properties.refuse('a method cache is not supported here');
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
      throttles: readThrottles(properties),
      accessLogFormat,
    },
  };
}

function readThrottles(properties: PropertyReader): MethodThrottle[] {
  return properties
    .nestedList('MethodSettings', {
      used: ['CachingEnabled', 'HttpMethod', 'ResourcePath', 'ThrottlingBurstLimit', 'ThrottlingRateLimit'],
      inert: ['DataTraceEnabled', 'LoggingLevel', 'MetricsEnabled'],
    })
    .flatMap((settings) => {
      if (settings.optionalBoolean('CachingEnabled')) settings.refuse('a method cache is not supported here');
      const rate = settings.optionalNumber('ThrottlingRateLimit');
      const burst = settings.optionalNumber('ThrottlingBurstLimit');
      if (rate === undefined && burst === undefined) return [];
      // One of the two alone leaves the other at the account's limit.
      const throttle = { rate: rate ?? 10_000, burst: burst ?? 5000 };
      return [
        { path: pathOf(settings.string('ResourcePath')), httpMethod: settings.string('HttpMethod'), ...throttle },
      ];
    });
}

/** `/~1items~1{id}` is `/items/{id}`, `/*` is every path. */
function pathOf(resourcePath: string): string {
  const path = resourcePath.replace(/^\//, '').replaceAll('~1', '/');
  return path === '' ? '/' : path;
}
