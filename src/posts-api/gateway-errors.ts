import { ResponseType } from 'aws-cdk-lib/aws-apigateway';
import { RestGatewayResponse } from '../rest-api/rest-api-options';

const body = (code: string, message?: string) =>
  `{"error":{"code":"${code}","message":${message === undefined ? '$context.error.messageString' : JSON.stringify(message)}}}`;

const of = (type: ResponseType, code: string, message?: string, more: Partial<RestGatewayResponse> = {}) => ({
  type,
  body: body(code, message),
  ...more,
});

/**
 * The gateway's own errors, in the API's shape and with its codes.
 *
 * @internal
 */
export const POSTS_ERRORS = {
  errorBody: body('invalid_request'),
  gatewayResponses: [
    of(ResponseType.MISSING_AUTHENTICATION_TOKEN, 'not_found', 'There is no such path', { statusCode: 404 }),
    of(
      ResponseType.UNAUTHORIZED,
      'unauthorized',
      'Needs a valid access token of the user pool or of this API',
      // Where a token is missing or not good, the standard asks for it: RFC 6750, section 3.
      { headers: { 'WWW-Authenticate': 'Bearer' } },
    ),
    of(ResponseType.ACCESS_DENIED, 'forbidden', 'This is not allowed'),
    of(ResponseType.EXPIRED_TOKEN, 'unauthorized', 'The token has expired', { statusCode: 401 }),
    of(ResponseType.INVALID_API_KEY, 'forbidden', 'Needs an API key'),
    of(ResponseType.WAF_FILTERED, 'forbidden', 'This is not allowed'),
    of(ResponseType.REQUEST_TOO_LARGE, 'payload_too_large', 'The request is too large'),
    of(ResponseType.THROTTLED, 'too_many_requests', 'Too many requests', { headers: { 'Retry-After': '1' } }),
    of(ResponseType.QUOTA_EXCEEDED, 'too_many_requests', 'The quota of the API key is used up'),
    of(ResponseType.INTEGRATION_TIMEOUT, 'unavailable', 'This took too long, try again'),
    of(ResponseType.DEFAULT_5XX, 'internal_error', 'Something went wrong'),
  ],
};
