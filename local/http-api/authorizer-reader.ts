import { describe, PropertyReader, stringList } from '../assembly';
import { functionOf } from '../gateway/integration';
import { DeployedResource } from '../types';
import { parseIdentitySource } from './authorizer';
import { JwtAuthorizerSettings } from './jwt-authorizer';
import { LambdaAuthorizerSettings } from './lambda-authorizer';

/** "Audiences per authorizer", a quota of HTTP APIs. */
const MOST_AUDIENCES = 50;

/** An issuer is asked over HTTPS; one on this machine, for tests, may go without. */
const ISSUER = /^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/|$))/;

const PROPERTIES = {
  used: [
    'ApiId',
    'AuthorizerPayloadFormatVersion',
    'AuthorizerResultTtlInSeconds',
    'AuthorizerType',
    'AuthorizerUri',
    'EnableSimpleResponses',
    'IdentitySource',
    'JwtConfiguration',
  ],
  inert: ['Name'],
};

/** What an authorizer of the template is, by its type. */
export type ReadAuthorizer = { readonly properties: PropertyReader } & (
  | { readonly type: 'JWT'; readonly settings: JwtAuthorizerSettings }
  | { readonly type: 'REQUEST'; readonly settings: LambdaAuthorizerSettings }
);

/**
 * Reads an AWS::ApiGatewayV2::Authorizer of an HTTP API.
 *
 * @param hasFunction says whether a function is part of the app
 * @throws an Error naming the resource and what is not supported
 */
export function readAuthorizer(
  resource: DeployedResource,
  id: string,
  hasFunction: (reference: string) => boolean,
): ReadAuthorizer {
  const properties = new PropertyReader(resource, PROPERTIES);
  const type = properties.string('AuthorizerType');
  const where = describe(resource);
  if (type === 'JWT') return { type, properties, settings: readJwt(properties, id, where) };
  if (type !== 'REQUEST') properties.refuse(`authorizer type ${type} is not supported here, only REQUEST and JWT`);
  return { type: 'REQUEST', properties, settings: readLambda(properties, id, where, hasFunction) };
}

function readJwt(properties: PropertyReader, id: string, where: string): JwtAuthorizerSettings {
  for (const name of ['AuthorizerPayloadFormatVersion', 'AuthorizerResultTtlInSeconds', 'AuthorizerUri']) {
    if (properties.has(name)) properties.refuse(`${name} is for authorizers of type REQUEST`);
  }
  const sources = stringList(properties.list('IdentitySource'), 'IdentitySource');
  const [source = ''] = sources;
  if (sources.length !== 1 || !/^\$request\.(header|querystring)\./.test(source)) {
    // "Currently only header-based and query parameter-based selections are supported", and one entry: CreateAuthorizer.
    properties.refuse(`a JWT authorizer takes its token from one header or query string, got ${sources.join(', ')}`);
  }
  const configuration =
    properties.nested('JwtConfiguration', { used: ['Audience', 'Issuer'] }) ??
    properties.refuse('JwtConfiguration must be given for an authorizer of type JWT');
  const issuer = configuration.string('Issuer');
  if (!ISSUER.test(issuer)) properties.refuse(`the issuer must begin with https://, got ${issuer}`);
  const audience = stringList(configuration.list('Audience'), 'Audience');
  if (audience.length === 0 || audience.length > MOST_AUDIENCES) {
    properties.refuse(`Audience must have 1 to ${MOST_AUDIENCES} entries, got ${audience.length}`);
  }
  return { id, issuer, audience, identitySource: parseIdentitySource(source, where) };
}

function readLambda(
  properties: PropertyReader,
  id: string,
  where: string,
  hasFunction: (reference: string) => boolean,
): LambdaAuthorizerSettings {
  if (properties.has('JwtConfiguration')) properties.refuse('JwtConfiguration is for authorizers of type JWT');
  const payloadFormat = properties.string('AuthorizerPayloadFormatVersion');
  if (payloadFormat !== '1.0' && payloadFormat !== '2.0') {
    properties.refuse(`AuthorizerPayloadFormatVersion must be 1.0 or 2.0, got ${payloadFormat}`);
  }
  const simpleResponses = properties.boolean('EnableSimpleResponses', false);
  if (simpleResponses && payloadFormat === '1.0') properties.refuse('simple responses need payload format 2.0');
  const ttlSeconds =
    properties.optionalNumber('AuthorizerResultTtlInSeconds') ??
    properties.refuse('AuthorizerResultTtlInSeconds must be given: what AWS takes without it is not documented');
  if (ttlSeconds < 0 || ttlSeconds > 3600) {
    properties.refuse(`AuthorizerResultTtlInSeconds must be 0 to 3600, got ${ttlSeconds}`);
  }
  const sources = stringList(properties.list('IdentitySource'), 'IdentitySource');
  if (ttlSeconds > 0 && sources.length === 0) properties.refuse('a cache needs an identity source');
  const functionArn = functionOf(properties.string('AuthorizerUri'));
  if (!hasFunction(functionArn)) properties.refuse(`function ${functionArn} is not part of this app`);
  const identitySources = sources.map((source) => parseIdentitySource(source, where));
  return { id, functionArn, payloadFormat, simpleResponses, identitySources, ttlSeconds };
}
