import { Token } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { RestGatewayResponse } from './rest-api-options';
import { DEFAULT_EXPOSED_HEADERS } from '../core/api-options';
import { checkInteger, failure } from '../core/checks';

/** What the gateway answers by itself. */
interface GatewayAnswers {
  readonly corsAllowOrigins?: string[];
  readonly corsExposeHeaders?: string[];
  readonly errorBody?: string;
  readonly notFoundBody?: string;
  readonly gatewayResponses?: RestGatewayResponse[];
}

/** The types that every API gets, by the construct ids of their answers. */
const GENERAL: ReadonlyMap<string, string> = new Map([
  ['DEFAULT_4XX', 'Default4xx'],
  ['DEFAULT_5XX', 'Default5xx'],
  ['MISSING_AUTHENTICATION_TOKEN', 'NotFound'],
]);

/**
 * Gives the gateway's own errors the API's shape, and CORS headers, without which a page cannot read them.
 *
 * A gateway response has one fixed value a header, and no logic: where several origins are allowed it says `*`. That
 * lets any page read that a request failed, and nothing else: such an error comes before any function.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 * @internal
 */
export function addGatewayResponses(api: apigateway.RestApi, answers: GatewayAnswers): void {
  const errorBody = answers.errorBody ?? '{"message":$context.error.messageString}';
  const notFoundBody = answers.notFoundBody ?? '{"message":"Not Found"}';
  checkBody(api, 'errorBody', errorBody);
  checkBody(api, 'notFoundBody', notFoundBody);
  const responses = [
    { type: apigateway.ResponseType.DEFAULT_4XX },
    { type: apigateway.ResponseType.DEFAULT_5XX },
    // So the gateway calls it where no resource and method match; 403 of its own accord.
    { type: apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, body: notFoundBody, statusCode: 404 },
  ];
  const own = new Map<string, RestGatewayResponse>(responses.map((response) => [response.type.responseType, response]));
  checkResponses(api, answers);
  for (const response of answers.gatewayResponses ?? []) {
    own.set(response.type.responseType, { ...own.get(response.type.responseType), ...response });
  }
  const cors = corsHeaders(answers);
  for (const [name, { type, statusCode, body, headers }] of own) {
    const responseHeaders = { ...cors, ...literals(api, headers) };
    api.addGatewayResponse(GENERAL.get(name) ?? pascalCase(name), {
      type,
      statusCode: statusCode?.toString(),
      responseHeaders: Object.keys(responseHeaders).length > 0 ? responseHeaders : undefined,
      templates: { 'application/json': body ?? errorBody },
    });
  }
}

function checkResponses(api: apigateway.RestApi, { gatewayResponses = [], notFoundBody }: GatewayAnswers): void {
  const types = gatewayResponses.map(({ type }) => type.responseType);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) {
    throw failure(`gatewayResponses must have one answer of each type, got twice: ${twice}`, api);
  }
  if (notFoundBody !== undefined && types.includes('MISSING_AUTHENTICATION_TOKEN')) {
    throw failure(
      'Either provide notFoundBody or a gatewayResponse of MISSING_AUTHENTICATION_TOKEN, but not both',
      api,
    );
  }
  for (const { type, statusCode, body } of gatewayResponses) {
    checkInteger(`statusCode of ${type.responseType}`, statusCode, { min: 400, max: 599 }, api);
    if (body !== undefined) {
      checkBody(api, `body of ${type.responseType}`, body);
    }
  }
}

function corsHeaders(answers: GatewayAnswers): Record<string, string> {
  const { corsAllowOrigins: origins } = answers;
  return origins?.length === 0
    ? {}
    : {
        'Access-Control-Allow-Origin': `'${origins?.length === 1 ? origins[0] : '*'}'`,
        'Access-Control-Expose-Headers': `'${(answers.corsExposeHeaders ?? DEFAULT_EXPOSED_HEADERS).join(',')}'`,
      };
}

/** A gateway response takes a literal in single quotes, in which there is no way to write one. */
function literals(api: apigateway.RestApi, headers: RestGatewayResponse['headers'] = {}): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      if (!Token.isUnresolved(value) && value.includes("'")) {
        throw failure(`header ${name} of a gateway response must be without single quotes, got: ${value}`, api);
      }
      return [name, `'${value}'`];
    }),
  );
}

/** `BAD_REQUEST_BODY` is `BadRequestBody`. */
function pascalCase(type: string): string {
  return type
    .split('_')
    .map((word) => word.charAt(0) + word.slice(1).toLowerCase())
    .join('');
}

/**
 * The gateway puts strings in quotes where a variable says so; whatever it is, JSON it must be. What the validator found
 * is a text with quotes of its own, which none of the two has: the client would get what is no JSON.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
function checkBody(api: apigateway.RestApi, prop: string, body: string): void {
  if (Token.isUnresolved(body)) {
    return;
  }
  try {
    JSON.parse(body.replace(/"\$[\w.]+"/g, '""').replace(/\$[\w.]+/g, '""'));
  } catch {
    throw failure(`${prop} must be JSON with variables of API Gateway, got: ${body}`, api);
  }
  if (body.includes('$context.error.validationErrorString')) {
    throw failure(
      `${prop} must not hold $context.error.validationErrorString, whose quotes break it, got: ${body}`,
      api,
    );
  }
}
