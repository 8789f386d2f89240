import { toRestResponse } from './response';

const IMAGES = ['image/*'];

test('what a function returns is taken as it says, and JSON where it says no type', () => {
  const { status, headers, body } = toRestResponse(
    {
      statusCode: '201',
      headers: { 'X-One': 1, 'WWW-Authenticate': 'Bearer' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'], 'X-One': ['0'] },
      body: 'é',
      isBase64Encoded: false,
    },
    undefined,
    [],
  );
  expect(status).toBe(201);
  expect(headers).toEqual({
    'content-type': 'application/json',
    'set-cookie': ['a=1', 'b=2'],
    'x-one': ['0', '1'],
    'x-amzn-remapped-www-authenticate': 'Bearer',
  });
  expect(body.toString()).toBe('é');
});

test.each<[string, string | undefined, readonly string[], string]>([
  ['image/png', 'image/png', IMAGES, 'hi'],
  ['image/png', 'image/webp,*/*', IMAGES, 'hi'],
  ['image/png', undefined, IMAGES, 'hi'],
  ['image/png', undefined, ['*/*'], 'hi'],
  // The client asked for nothing binary, or the API knows nothing binary: the text is sent as it is.
  ['image/png', '*/*', IMAGES, 'aGk='],
  ['image/png', 'image/png', [], 'aGk='],
])('base64 of type %s for a client that accepts %s, where %j is binary, is sent as %s', (type, accept, types, sent) => {
  const payload = { statusCode: 200, headers: { 'Content-Type': type }, body: 'aGk=', isBase64Encoded: true };
  expect(toRestResponse(payload, accept, types).body.toString()).toBe(sent);
});

test.each<[unknown, string]>([
  ['text', 'must be an object'],
  [null, 'must be an object'],
  [{}, 'statusCode must be 100 to 599'],
  [{ statusCode: 'many' }, 'statusCode must be 100 to 599'],
  [{ statusCode: 200, body: { a: 1 } }, 'body must be a string'],
  [{ statusCode: 200, body: 5 }, 'body must be a string'],
  [{ statusCode: 200, headers: { a: ['b'] } }, 'header a must be a string'],
  [{ statusCode: 200, headers: 'a' }, 'headers must be an object'],
  [{ statusCode: 200, multiValueHeaders: { a: 'b' } }, 'multiValueHeaders.a must be a list of strings'],
  [{ statusCode: 200, cookies: ['a=1'] }, 'knows no cookies'],
])('%j is malformed: %s', (payload, message) => {
  expect(() => toRestResponse(payload, undefined, [])).toThrow(message);
});
