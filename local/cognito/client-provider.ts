import { PropertyReader } from '../assembly';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource } from '../types';
import { idOf } from './ids';
import { UserPool } from './pool';
import { Pools } from './pools';
import { ClientSettings } from './settings';

const USED = [
  ...['AccessTokenValidity', 'AuthSessionValidity', 'ClientName', 'EnableTokenRevocation', 'ExplicitAuthFlows'],
  ...['GenerateSecret', 'IdTokenValidity', 'PreventUserExistenceErrors', 'ReadAttributes', 'RefreshTokenRotation'],
  ...['RefreshTokenValidity', 'SupportedIdentityProviders', 'TokenValidityUnits', 'UserPoolId', 'WriteAttributes'],
];

/** What is of the sign-in pages, which are not here, and of analytics and threat protection. */
const INERT = [
  ...['AllowedOAuthFlows', 'AllowedOAuthFlowsUserPoolClient', 'AllowedOAuthScopes', 'AnalyticsConfiguration'],
  ...['CallbackURLs', 'DefaultRedirectURI', 'EnablePropagateAdditionalUserContextData', 'LogoutURLs'],
];

const SECONDS: Readonly<Record<string, number>> = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 };

/** Creates an app client from its resource. */
export function createClient(run: ServiceRun, pools: Pools, resource: DeployedResource): CreatedResource {
  const properties = new PropertyReader(resource, { used: USED, inert: INERT });
  const pool = poolOf(pools, properties);
  const name = properties.optionalString('ClientName') ?? run.names.of(resource, 128);
  const id = idOf(`client ${run.names.of(resource, 128)}`, 26, true);
  const secret = properties.boolean('GenerateSecret', false) ? pool.secretOf(id) : undefined;
  const rotation = properties.nested('RefreshTokenRotation', { used: ['Feature'], inert: ['RetryGracePeriodSeconds'] });
  if (rotation?.optionalString('Feature') === 'ENABLED') {
    properties.refuse('RefreshTokenRotation is not supported here');
  }
  const providers = properties.list('SupportedIdentityProviders').filter((provider) => provider !== 'COGNITO');
  if (providers.length > 0) properties.refuse(`SupportedIdentityProviders ${providers.join(', ')} not supported here`);
  pool.clients.set(id, readClient(pool, { id, name, secret }, resource, properties));
  return {
    ref: id,
    attributes: { ClientId: id, Name: name, ...(secret === undefined ? {} : { ClientSecret: secret }) },
  };
}

/** Creates a group from its resource. */
export function createGroup(pools: Pools, now: () => number, resource: DeployedResource): CreatedResource {
  const properties = new PropertyReader(resource, {
    used: ['UserPoolId', 'GroupName', 'Description', 'Precedence', 'RoleArn'],
  });
  const pool = poolOf(pools, properties);
  const name = properties.optionalString('GroupName') ?? `${resource.stackName}-${resource.logicalId}`;
  pool.groups.set(name, {
    name,
    description: properties.optionalString('Description'),
    precedence: properties.optionalNumber('Precedence'),
    roleArn: properties.optionalString('RoleArn'),
    created: pool.groups.get(name)?.created ?? now(),
  });
  pool.save();
  return { ref: name, attributes: {} };
}

function poolOf(pools: Pools, properties: PropertyReader): UserPool {
  const id = properties.string('UserPoolId');
  return pools.find(id) ?? properties.refuse(`UserPoolId ${JSON.stringify(id)} is no user pool of this app`);
}

function readClient(
  pool: UserPool,
  { id, name, secret }: Pick<ClientSettings, 'id' | 'name' | 'secret'>,
  resource: DeployedResource,
  properties: PropertyReader,
): ClientSettings {
  const units = properties.nested('TokenValidityUnits', { used: ['AccessToken', 'IdToken', 'RefreshToken'] });
  const seconds = (token: string, unit: string, fallback: number, bounds: readonly [number, number]): number => {
    // 0 is the default too.
    const given = properties.optionalNumber(`${token}Validity`) ?? 0;
    if (given === 0) return fallback;
    const factor = SECONDS[units?.optionalString(token) ?? unit];
    if (factor === undefined) properties.refuse(`TokenValidityUnits.${token} must be seconds, minutes, hours or days`);
    const value = given * factor;
    if (value < bounds[0] || value > bounds[1]) {
      properties.refuse(`${token}Validity must be ${bounds[0]} to ${bounds[1]} seconds, got ${value}`);
    }
    return value;
  };
  const shown = properties.optionalString('PreventUserExistenceErrors') ?? 'LEGACY';
  if (shown !== 'ENABLED' && shown !== 'LEGACY') {
    properties.refuse(`PreventUserExistenceErrors must be ENABLED or LEGACY, got ${shown}`);
  }
  return {
    id,
    poolId: pool.settings.id,
    name,
    label: resource.path?.replace(/\/Resource$/, '') ?? resource.logicalId,
    secret,
    flows: readFlows(properties),
    hidesExistence: shown === 'ENABLED',
    accessSeconds: seconds('AccessToken', 'hours', 3600, [300, 86_400]),
    idSeconds: seconds('IdToken', 'hours', 3600, [300, 86_400]),
    refreshSeconds: seconds('RefreshToken', 'days', 30 * 86_400, [3600, 3650 * 86_400]),
    sessionSeconds: properties.number('AuthSessionValidity', 3, [3, 15]) * 60,
    revocable: properties.boolean('EnableTokenRevocation', true),
    readable: attributesOf(pool, properties, 'ReadAttributes'),
    writable: attributesOf(pool, properties, 'WriteAttributes'),
  };
}

/** "ALLOW_REFRESH_TOKEN_AUTH, ALLOW_USER_SRP_AUTH, and ALLOW_CUSTOM_AUTH" where none is given: API_CreateUserPoolClient. */
function readFlows(properties: PropertyReader): ReadonlySet<string> {
  const known = [
    ...[
      'ALLOW_USER_SRP_AUTH',
      'ALLOW_USER_PASSWORD_AUTH',
      'ALLOW_ADMIN_USER_PASSWORD_AUTH',
      'ALLOW_REFRESH_TOKEN_AUTH',
    ],
  ];
  if (!properties.has('ExplicitAuthFlows')) return new Set(['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH']);
  return new Set(
    properties.list('ExplicitAuthFlows').map((flow) => {
      if (typeof flow !== 'string' || !known.includes(flow)) {
        properties.refuse(`ExplicitAuthFlows ${JSON.stringify(flow)} is not supported here, only ${known.join(', ')}`);
      }
      return flow;
    }),
  );
}

function attributesOf(pool: UserPool, properties: PropertyReader, name: string): ReadonlySet<string> | undefined {
  if (!properties.has(name)) return undefined;
  return new Set(
    properties.list(name).map((attribute) => {
      if (typeof attribute !== 'string' || !pool.settings.attributes.has(attribute)) {
        properties.refuse(`${name}: the user pool has no attribute ${JSON.stringify(attribute)}`);
      }
      return attribute;
    }),
  );
}
