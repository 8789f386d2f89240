import { RestResource, Routes } from './routes';

/** Routes of the given resources, each `PATH METHOD METHOD`; methods are texts of themselves. */
function routes(...lines: string[]): Routes<string> {
  const resources = new Map<string, RestResource<string>>([['/', { id: '/', part: '', methods: new Map() }]]);
  for (const line of lines) {
    const [path = '', ...methods] = line.split(' ');
    const parts = path.split('/').filter((part) => part !== '');
    parts.forEach((part, index) => {
      const id = `/${parts.slice(0, index + 1).join('/')}`;
      const parentId = `/${parts.slice(0, index).join('/')}`;
      if (!resources.has(id)) resources.set(id, { id, parentId, part, methods: new Map() });
    });
    const own = resources.get(path) as RestResource<string>;
    resources.set(path, { ...own, methods: new Map(methods.map((method) => [method, `${method} ${path}`])) });
  }
  return new Routes([...resources.values()]);
}

const ROUTES = routes(
  '/ GET',
  '/items GET POST',
  '/items/{id} GET ANY',
  '/items/{id}/parts/{part} GET',
  '/items/special GET',
  '/files/{path+} ANY',
);

test.each<[string, string, string | undefined, Record<string, string>]>([
  ['GET', '/', 'GET /', {}],
  ['POST', '/items', 'POST /items', {}],
  ['GET', '/items/1', 'GET /items/{id}', { id: '1' }],
  ['PUT', '/items/1', 'ANY /items/{id}', { id: '1' }],
  ['GET', '/items/special', 'GET /items/special', {}],
  // The path decides: another resource that has the method does not step in.
  ['PUT', '/items/special', undefined, {}],
  ['GET', '/items/special/parts/p', 'GET /items/{id}/parts/{part}', { id: 'special', part: 'p' }],
  ['GET', '/items/a%2Fb%20c', 'GET /items/{id}', { id: 'a%2Fb%20c' }],
  ['HEAD', '/files/a%20b/c', 'ANY /files/{path+}', { path: 'a%20b/c' }],
  ['DELETE', '/items', undefined, {}],
])('%s %s is taken by %s', (method, path, taken, parameters) => {
  const match = ROUTES.match(method, path);
  expect(match?.method).toBe(taken);
  expect(match?.parameters).toEqual(parameters);
});

test.each(['/none', '/items/', '/files', '/files/', '/items/1/parts', '/items//parts/p'])(
  '%s has no method that takes it',
  (path) => expect(ROUTES.match('GET', path)?.method).toBeUndefined(),
);
