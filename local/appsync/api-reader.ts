import { PropertyReader } from '../assembly';
import { DeployedResource } from '../types';
import { TrustedPool } from './authenticator';
import { RequestLimits } from './execution/validation';
import { ApiModes, AuthMode } from './schema/authorization';

/** What AWS::AppSync::GraphQLApi says. */
export interface ApiSettings {
  readonly name: string;
  readonly modes: ApiModes;
  readonly pools: readonly TrustedPool[];
  readonly limits: RequestLimits;
}

const MODES: readonly AuthMode[] = ['AMAZON_COGNITO_USER_POOLS', 'AWS_IAM'];

/** "Number of resolvers executed in a single request", a quota. */
const MOST_RESOLVERS = 10_000;

/** @throws an Error that names a property that is wrong, or not supported here */
export function readApi(resource: DeployedResource, region: string): ApiSettings {
  const properties = new PropertyReader(resource, {
    used: [
      'AdditionalAuthenticationProviders',
      'ApiType',
      'AuthenticationType',
      'IntrospectionConfig',
      'Name',
      'QueryDepthLimit',
      'ResolverCountLimit',
      'UserPoolConfig',
      'Visibility',
    ],
    inert: ['EnhancedMetricsConfig', 'LogConfig', 'OwnerContact', 'Tags', 'XrayEnabled'],
  });
  only(properties, 'ApiType', 'GRAPHQL');
  only(properties, 'Visibility', 'GLOBAL');
  const main = modeOf(properties);
  const pools = main === 'AWS_IAM' ? [] : [poolOf(properties, region, ['DefaultAction'])];
  const additional = properties
    .nestedList('AdditionalAuthenticationProviders', { used: ['AuthenticationType', 'UserPoolConfig'] })
    .map((provider) => {
      const mode = modeOf(provider);
      if (mode === 'AMAZON_COGNITO_USER_POOLS') pools.push(poolOf(provider, region, []));
      return mode;
    });
  if ([main, ...additional].filter((mode) => mode === 'AWS_IAM').length > 1) {
    properties.refuse('AWS_IAM is given twice');
  }
  const depth = properties.number('QueryDepthLimit', 0, [0, 75]);
  return {
    name: properties.string('Name'),
    modes: { main, additional },
    pools,
    limits: {
      introspection: introspectionOf(properties),
      depth: depth === 0 ? undefined : depth,
      resolvers: properties.number('ResolverCountLimit', 0, [0, MOST_RESOLVERS]) || MOST_RESOLVERS,
    },
  };
}

function only(properties: PropertyReader, name: string, value: string): void {
  const given = properties.optionalString(name) ?? value;
  if (given !== value) properties.refuse(`${name} ${given} is not supported here, only ${value}`);
}

function introspectionOf(properties: PropertyReader): boolean {
  const given = properties.optionalString('IntrospectionConfig') ?? 'ENABLED';
  if (given !== 'ENABLED' && given !== 'DISABLED') {
    properties.refuse(`IntrospectionConfig must be ENABLED or DISABLED, got ${given}`);
  }
  return given === 'ENABLED';
}

function modeOf(properties: PropertyReader): AuthMode {
  const type = properties.string('AuthenticationType');
  const mode = MODES.find((known) => known === type);
  return mode ?? properties.refuse(`AuthenticationType ${type} is not supported here, only ${MODES.join(' and ')}`);
}

function poolOf(properties: PropertyReader, ownRegion: string, more: readonly string[]): TrustedPool {
  const config = properties.nested('UserPoolConfig', {
    used: ['AppIdClientRegex', 'AwsRegion', 'UserPoolId', ...more],
  });
  if (config === undefined) return properties.refuse('UserPoolConfig is needed');
  const action = config.optionalString('DefaultAction') ?? 'ALLOW';
  if (action !== 'ALLOW') config.refuse(`DefaultAction ${action} is not supported here, only ALLOW`);
  const region = config.optionalString('AwsRegion') ?? ownRegion;
  const clients = config.optionalString('AppIdClientRegex');
  return {
    issuer: `https://cognito-idp.${region}.amazonaws.com/${config.string('UserPoolId')}`,
    clients: clients === undefined ? undefined : new RegExp(`^(?:${clients})$`),
  };
}
