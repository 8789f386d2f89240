import { describe, PropertyReader } from '../assembly';
import { functionOf } from '../gateway/integration';
import { DeployedResource } from '../types';
import { MethodSettings } from './deployed-api';
import { Integration } from './integrations';
import { CacheKey } from './method-cache';
import { checkTemplate, MockIntegration, MockResponse } from './mock';
import { texts } from './text';
import { parseParameter, RequestParameter } from './validation';

/** API Gateway waits no longer, unless its quota is raised. */
const LONGEST_INTEGRATION_MS = 29_000;

/** A method with where it belongs. */
export interface ReadMethod {
  readonly properties: PropertyReader;
  readonly resourceId: string;
  readonly httpMethod: string;
  readonly method: MethodSettings;
}

/** Reads `AWS::ApiGateway::Method`. Throws an Error naming what is not supported here. */
export function readMethod(resource: DeployedResource): ReadMethod {
  const where = describe(resource);
  const properties = new PropertyReader(resource, {
    used: [
      'ApiKeyRequired',
      'AuthorizationType',
      'AuthorizerId',
      'HttpMethod',
      'Integration',
      'OperationName',
      'RequestModels',
      'RequestParameters',
      'RequestValidatorId',
      'ResourceId',
      'RestApiId',
    ],
    inert: ['MethodResponses'],
  });
  const authorization = properties.optionalString('AuthorizationType') ?? 'NONE';
  if (authorization !== 'NONE' && authorization !== 'CUSTOM') {
    properties.refuse(`authorization type ${authorization} is not supported here, only NONE and CUSTOM`);
  }
  const declared = Object.entries(properties.optionalObject('RequestParameters') ?? {}).map(([text, needed]) => ({
    parameter: parseParameter(text, where),
    needed: needed === true || needed === 'true',
  }));
  const parameters = declared.map(({ parameter }) => parameter);
  const { integration, cacheKey } = readIntegration(properties, parameters, where);
  return {
    properties,
    resourceId: properties.string('ResourceId'),
    httpMethod: properties.string('HttpMethod'),
    method: {
      integration,
      cacheKey,
      operationName: properties.optionalString('OperationName'),
      apiKeyRequired: properties.optionalBoolean('ApiKeyRequired') ?? false,
      authorizerId: authorization === 'CUSTOM' ? properties.string('AuthorizerId') : undefined,
      validatorId: properties.optionalString('RequestValidatorId'),
      required: declared.filter(({ needed }) => needed).map(({ parameter }) => parameter),
      models: texts(properties.optionalObject('RequestModels')),
    },
  };
}

function readIntegration(
  method: PropertyReader,
  declared: readonly RequestParameter[],
  where: string,
): { readonly integration: Integration; readonly cacheKey: CacheKey } {
  const properties = method.nested('Integration', {
    used: [
      'CacheKeyParameters',
      'CacheNamespace',
      'ConnectionType',
      'IntegrationResponses',
      'PassthroughBehavior',
      'RequestTemplates',
      'TimeoutInMillis',
      'Type',
      'Uri',
    ],
    inert: ['IntegrationHttpMethod'],
  });
  if (properties === undefined) return method.refuse('a method without an integration is not supported here');
  const cacheKey = readCacheKey(properties, declared, where);
  const type = properties.string('Type');
  if (type === 'MOCK') return { integration: readMock(properties, where), cacheKey };
  if (type !== 'AWS_PROXY') {
    return properties.refuse(`integration type ${type} is not supported here, only AWS_PROXY to Lambda and MOCK`);
  }
  const connection = properties.optionalString('ConnectionType') ?? 'INTERNET';
  if (connection !== 'INTERNET') properties.refuse(`connection type ${connection} is not supported here`);
  const timeoutMs = properties.optionalNumber('TimeoutInMillis') ?? LONGEST_INTEGRATION_MS;
  if (timeoutMs < 50 || timeoutMs > LONGEST_INTEGRATION_MS) {
    properties.refuse(`TimeoutInMillis must be 50 to ${LONGEST_INTEGRATION_MS}, got ${timeoutMs}`);
  }
  const uri = properties.string('Uri');
  if (!/:lambda:/.test(uri)) properties.refuse(`integration URI ${uri} is not supported here, only a function's`);
  return { integration: { kind: 'lambda', functionArn: functionOf(uri), timeoutMs }, cacheKey };
}

/** API Gateway takes no key of what the method does not declare: "Invalid cache key parameter specified". */
function readCacheKey(properties: PropertyReader, declared: readonly RequestParameter[], where: string): CacheKey {
  const parameters = properties.list('CacheKeyParameters').map((text) => {
    const { from, name } = parseParameter(String(text), where);
    if (!declared.some((parameter) => parameter.from === from && parameter.name === name)) {
      properties.refuse(`cache key parameter ${String(text)} is not one of the method's RequestParameters`);
    }
    return { from, name };
  });
  return { namespace: properties.optionalString('CacheNamespace'), parameters };
}

function readMock(properties: PropertyReader, where: string): MockIntegration {
  const requestTemplates = texts(properties.optionalObject('RequestTemplates'));
  for (const template of Object.values(requestTemplates)) checkTemplate(template, where);
  const responses = properties
    .nestedList('IntegrationResponses', {
      used: ['ResponseParameters', 'ResponseTemplates', 'SelectionPattern', 'StatusCode'],
    })
    .map((response): MockResponse => {
      const pattern = response.optionalString('SelectionPattern');
      const template = texts(response.optionalObject('ResponseTemplates'))['application/json'];
      if (template !== undefined) checkTemplate(template, where);
      return {
        status: Number(response.string('StatusCode')),
        pattern: pattern === undefined || pattern === '' ? undefined : new RegExp(`^(?:${pattern})$`),
        headers: readHeaders(response),
        template,
      };
    });
  return { kind: 'mock', requestTemplates, responses };
}

function readHeaders(response: PropertyReader): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, source] of Object.entries(response.optionalObject('ResponseParameters') ?? {})) {
    const header = /^method\.response\.header\.(.+)$/.exec(name)?.[1];
    const literal = /^'(.*)'$/s.exec(String(source))?.[1];
    if (header === undefined || literal === undefined) {
      return response.refuse(`response parameter ${name}: ${String(source)} is not supported here`);
    }
    headers[header] = literal;
  }
  return headers;
}
