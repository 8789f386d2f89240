import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** What authorizers of an HTTP API put beside a request; each kind in a place of its own. */
interface AuthorizerContext {
  readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>>; readonly scopes?: readonly string[] | null };
  readonly lambda?: Readonly<Record<string, unknown>> | null;
  readonly iam?: Readonly<Record<string, unknown>>;
}

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

const texts = (values: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, text(value)]],
    ),
  );

/**
 * What the authorizer of an HTTP API found out about the caller, whichever kind it is, by name: the claims of a JWT, the
 * context of a Lambda authorizer, the identity of IAM. Values that are no text are JSON.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function authorizerOf(event: APIGatewayProxyEventV2): Record<string, string> | undefined {
  const { authorizer } = event.requestContext as { authorizer?: AuthorizerContext };
  const found = authorizer?.jwt?.claims ?? authorizer?.lambda ?? authorizer?.iam;
  return found ? texts(found) : undefined;
}
