/**
 * A pass over every endpoint of a RealWorld API that runs elsewhere: `REALWORLD_URL` is its base, as
 * `http://localhost:3000/api`.
 */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { Call, Step, STEPS, Scenario } from './steps';
import { client, encoded } from '../e2e/client';
import { expectErrorShape, expectNoContent, expectStatus } from '../e2e/shapes';

const DOCUMENT = path.join(__dirname, '..', '..', 'openapi', 'realworld-api.json');

function apiUrl(): string {
  const url = process.env.REALWORLD_URL;
  if (!url) throw new Error('REALWORLD_URL, the base of the API, is not set');
  return url.replace(/\/+$/, '');
}

interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** `GET /articles/{slug}` and so on, in order. */
const endpointsOf = (document: OpenApiDocument): string[] =>
  Object.entries(document.paths)
    .flatMap(([template, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${template}`))
    .sort();

const documented = endpointsOf(JSON.parse(readFileSync(DOCUMENT, 'utf8')) as OpenApiDocument);

const api = client(apiUrl());
const root = client(apiUrl().replace(/\/api$/, ''));

/** Calls of one endpoint, with the parameters of its path filled in; `made` counts them. */
function calling(endpoint: string) {
  const [method, template] = endpoint.split(' ');
  let made = 0;
  const call: Call = ({ path: parameters = {}, query = '', ...options } = {}) => {
    made += 1;
    const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encoded(parameters[name]));
    return api.request(method, filled + query, options);
  };
  return { call, made: () => made };
}

describe('the deployed API', () => {
  const scenario = new Scenario();

  beforeAll(async () => {
    const { json } = await root.request('GET', '/docs/spec.json');
    scenario.searches = endpointsOf(json as OpenApiDocument).includes('GET /search');
  });

  test('has a step for each endpoint of its document, and no other', () => {
    expect([...new Set(STEPS.map(({ endpoint }) => endpoint))].sort()).toEqual(documented);
  });

  test.each(STEPS.map((step): [string, string, Step] => [step.endpoint, step.does, step]))(
    '%s %s',
    async (_endpoint, _does, step) => {
      const { call, made } = calling(step.endpoint);
      await step.run(call, scenario);
      expect(made()).toBeGreaterThan(0);
    },
  );

  test('GET /docs is a page that needs nothing from elsewhere', async () => {
    const answer = await root.request('GET', '/docs');
    expectStatus(answer, 200);
    expect(answer.headers['content-type']).toMatch(/^text\/html\b/);
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'");
    expect(answer.text).toMatch(/^<!doctype html>/i);
  });

  test('GET /docs/spec.json is a document of the same endpoints', async () => {
    const answer = await root.request('GET', '/docs/spec.json');
    expectStatus(answer, 200);
    const optional = scenario.searches ? [] : ['GET /search'];
    expect(endpointsOf(answer.json as OpenApiDocument)).toEqual(documented.filter((one) => !optional.includes(one)));
  });

  test('answers 404 where there is no such path', async () => {
    const answer = await api.request('GET', '/no/such/path');
    expectStatus(answer, 404);
    expectErrorShape(answer);
  });

  test('answers a preflight of another origin', async () => {
    const headers = {
      origin: 'https://example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const answer = await api.request('OPTIONS', '/articles', { headers });
    expectNoContent(answer);
    expect(answer.headers['access-control-allow-origin']).toBe('*');
    expect(answer.headers['access-control-allow-headers']?.split(',').sort()).toEqual([
      'authorization',
      'content-type',
    ]);
  });
});
