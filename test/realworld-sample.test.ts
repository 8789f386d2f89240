import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import addSample from '../examples/full-system/sample';

/** Sample data of the example against a server that remembers what it was asked for. */

let server: Server;
let asked: string[];
let taken: boolean;
let base: string;

beforeEach(async () => {
  asked = [];
  taken = false;
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    const isUser = request.url === '/v1/users';
    const body = isUser ? { user: { token: `t${asked.length}` } } : { article: { slug: 'a b' } };
    response.writeHead(isUser && taken ? 409 : 201, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
});

const resource = (type: string, ref: string, properties: Record<string, unknown>, attributes = {}) => ({
  ...{ type, ref, properties, attributes },
});

async function fill(routes: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const resources = [
    resource('AWS::ApiGatewayV2::Api', 'api', {}, { ApiEndpoint: base }),
    ...routes.map((RouteKey) => resource('AWS::ApiGatewayV2::Route', RouteKey, { ApiId: 'api', RouteKey })),
  ];
  await addSample({ resources }, (line) => lines.push(line));
  return lines;
}

const ROUTES = ['GET /v1/tags', 'POST /v1/users', 'POST /v1/articles'];

test('users, follows, articles, favorites and comments are written through the API, wherever it is', async () => {
  const lines = await fill(ROUTES);
  expect(lines).toContain('sample user ada@example.com, password sample-password');
  const count = (pattern: RegExp) => asked.filter((line) => pattern.test(line)).length;
  expect(count(/^POST \/v1\/users -$/)).toBe(4);
  expect(count(/^POST \/v1\/profiles\/\w+\/follow Token t\d$/)).toBe(5);
  expect(count(/^POST \/v1\/articles Token t\d$/)).toBe(8);
  expect(count(/^POST \/v1\/articles\/a%20b\/favorite Token t\d$/)).toBeGreaterThan(0);
  expect(count(/^POST \/v1\/articles\/a%20b\/comments Token t\d$/)).toBe(8);
});

test('sample users that are there already are left as they are', async () => {
  taken = true;
  expect(await fill(ROUTES)).toContain('--sample: the sample users exist already, nothing added');
  expect(asked).toHaveLength(1);
});

test('an app without such an API is told', async () => {
  expect(await fill(['GET /v1/tags'])).toEqual([
    '--sample: this app serves no RealWorld API (POST .../users and POST .../articles), nothing to fill',
  ]);
});
