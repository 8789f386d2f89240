import { Token } from 'aws-cdk-lib';
import * as apigateway from 'aws-cdk-lib/aws-apigateway';
import { DEFAULT_EXPOSED_HEADERS } from '../core/api-options';
import { failure } from '../core/checks';

/** What the gateway answers by itself. */
interface GatewayAnswers {
  readonly corsAllowOrigins?: string[];
  readonly corsExposeHeaders?: string[];
  readonly errorBody?: string;
  readonly notFoundBody?: string;
}

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
  checkJson(api, 'errorBody', errorBody);
  checkJson(api, 'notFoundBody', notFoundBody);
  const { corsAllowOrigins: origins } = answers;
  const responseHeaders =
    origins?.length === 0
      ? undefined
      : {
          'Access-Control-Allow-Origin': `'${origins?.length === 1 ? origins[0] : '*'}'`,
          'Access-Control-Expose-Headers': `'${(answers.corsExposeHeaders ?? DEFAULT_EXPOSED_HEADERS).join(',')}'`,
        };
  const types: [string, apigateway.ResponseType, string, string?][] = [
    ['Default4xx', apigateway.ResponseType.DEFAULT_4XX, errorBody],
    ['Default5xx', apigateway.ResponseType.DEFAULT_5XX, errorBody],
    // So the gateway calls it where no resource and method match; 403 of its own accord.
    ['NotFound', apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN, notFoundBody, '404'],
  ];
  for (const [id, type, body, statusCode] of types) {
    api.addGatewayResponse(id, { type, statusCode, responseHeaders, templates: { 'application/json': body } });
  }
}

/** The gateway puts strings in quotes where a variable says so; whatever it is, JSON it must be. */
function checkJson(api: apigateway.RestApi, prop: string, body: string): void {
  if (Token.isUnresolved(body)) {
    return;
  }
  try {
    JSON.parse(body.replace(/"\$[\w.]+"/g, '""').replace(/\$[\w.]+/g, '""'));
  } catch {
    throw failure(`${prop} must be JSON with variables of API Gateway, got: ${body}`, api);
  }
}
