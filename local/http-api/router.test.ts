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
  ['GET', '/pets/a%2Fb%20c/%C3%A9', 'GET /pets/{kind}/{id}', { kind: 'a/b c', id: 'é' }],
  // Decoded once, and what cannot be decoded stays.
  ['GET', '/pets/%2520/%zz', 'GET /pets/{kind}/{id}', { kind: '%20', id: '%zz' }],
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
  expect(router('GET /a', '$default').match('POST', '/a')?.route.key).toBe('$default');
});

test.each(['GET', 'FETCH /a', 'GET a', 'GET /{a+}/b'])('route key "%s" is refused', (key) => {
  expect(() => router(key)).toThrow(`"${key}"`);
});
