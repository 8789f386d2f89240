import { HttpAnswer } from '../aws/protocol';

/** What pages of other addresses may see of an answer. */
const EXPOSED = 'x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date';

/** Headers that clients of Cognito send: the SDK's own, and those of Amplify. */
const ALLOWED = [
  ...['authorization', 'cache-control', 'content-type', 'amz-sdk-invocation-id', 'amz-sdk-request'],
  ...['x-amz-date', 'x-amz-security-token', 'x-amz-target', 'x-amz-user-agent', 'x-amz-content-sha256'],
];

/** Lets pages of any address read an answer, as the endpoints of Cognito do: they are called from browsers. */
export function withCors({ status, headers, body }: HttpAnswer): HttpAnswer {
  const more = { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED };
  return { status, headers: { ...headers, ...more }, body };
}

/** What a browser is told that asks before it calls. */
export const PREFLIGHT: HttpAnswer = {
  status: 200,
  headers: {
    'access-control-allow-origin': '*',
    'access-control-allow-headers': ALLOWED.join(','),
    'access-control-allow-methods': 'POST',
    'access-control-expose-headers': EXPOSED,
    'access-control-max-age': '172800',
  },
  body: '',
};
