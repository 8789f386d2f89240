import { Router } from './router';

function router(...keys: string[]): Router {
  const made = new Router();
  for (const key of keys) made.add({ key, functionArn: key, timeoutMs: 1000 });
  return made;
}

const ROUTES = [
  'ANY /{proxy+}',
  'GET /pets/{proxy+}',
  'GET /pets/{kind}/{id}',
  'GET /pets/dog/{id}',
  'GET /pets/dog/1',
  'ANY /pets/dog/1',
  'POST /pets',
];

test.each<[string, string, string | undefined, Record<string, string>]>([
  ['GET', '/pets/dog/1', 'GET /pets/dog/1', {}],
  ['PUT', '/pets/dog/1', 'ANY /pets/dog/1', {}],
  ['GET', '/pets/dog/2', 'GET /pets/dog/{id}', { id: '2' }],
  ['GET', '/pets/cat/2', 'GET /pets/{kind}/{id}', { kind: 'cat', id: '2' }],
  ['GET', '/pets/cat/2/x', 'GET /pets/{proxy+}', { proxy: 'cat/2/x' }],
  ['DELETE', '/pets/cat', 'ANY /{proxy+}', { proxy: 'pets/cat' }],
  ['POST', '/pets', 'POST /pets', {}],
  ['POST', '/pets/', 'ANY /{proxy+}', { proxy: 'pets/' }],
  ['GET', '/pets/b c/é', 'GET /pets/{kind}/{id}', { kind: 'b c', id: 'é' }],
  // What a path still has encoded when it is matched is decoded in its parameters: `/` and `?` are text there.
  ['GET', '/pets/a%2Fb/%3F', 'GET /pets/{kind}/{id}', { kind: 'a/b', id: '?' }],
  ['GET', '/pets/a/b%2Fc/d', 'GET /pets/{proxy+}', { proxy: 'a/b/c/d' }],
  // Neither ANY nor GET: HEAD is a method of its own.
  ['HEAD', '/pets/dog/2', 'ANY /{proxy+}', { proxy: 'pets/dog/2' }],
])('%s %s goes to %s', (method, path, key, parameters) => {
  const match = router(...ROUTES).match(method, path);
  expect(match?.route.key).toBe(key);
  expect(match?.parameters).toEqual(parameters);
});

test('the order in which routes are added does not matter', () => {
  expect(router(...[...ROUTES].reverse()).match('GET', '/pets/dog/2')?.route.key).toBe('GET /pets/dog/{id}');
});

test('$default takes the rest; without it there is no match', () => {
  expect(router('GET /a').match('GET', '/b')).toBeUndefined();
  expect(router('GET /a').match('POST', '/a')).toBeUndefined();
});

test.each(['POST', 'HEAD', 'OPTIONS'])(
  'a path that has a route of another method alone goes to $default: %s',
  (method) => {
    expect(router('GET /a').match(method, '/a')).toBeUndefined();
    expect(router('GET /a', '$default').match(method, '/a')?.route.key).toBe('$default');
  },
);

test.each(['GET', 'FETCH /a', 'GET a', 'GET /{a+}/b'])('route key "%s" is refused', (key) => {
  expect(() => router(key)).toThrow(`"${key}"`);
});
