import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { LIMITS } from './domain/limits';
import { highlightsOf, scoreOf, WEIGHTS } from './domain/words';
import { document as generated } from './openapi';
import { searchAnswer } from './schemas/answers';
import { toPlace } from './schemas/search-cursor';
import { REALWORLD_ENDPOINTS } from '../../src/realworld-api/contract';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: Record<string, unknown>;
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly security?: readonly object[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: { readonly $ref: string } }> };
  readonly responses: Record<string, { readonly description: string; readonly content?: object }>;
}
interface Schema {
  readonly type?: string;
  readonly required?: readonly string[];
  readonly properties?: Record<string, Schema>;
  readonly [keyword: string]: unknown;
}
interface Document {
  readonly openapi: string;
  readonly info: Record<string, unknown>;
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema>; readonly securitySchemes: Record<string, object> };
}

const document = generated as unknown as Document;
const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${route}`,
    route,
    operation,
  })),
);
const at = (name: string) => operations.find((operation) => operation.name === name)?.operation as Operation;

/** Every value of a key, anywhere within. */
function values(key: string, within: unknown): unknown[] {
  if (typeof within !== 'object' || within === null) {
    return [];
  }
  return Object.entries(within).flatMap(([name, value]) => [...(name === key ? [value] : []), ...values(key, value)]);
}

/** Statuses by endpoint: the table of the API's rules. Where a token is taken, 401 is one of them. */
const STATUSES: Readonly<Record<string, string>> = {
  'POST /users': '201 409 422',
  'POST /users/login': '200 401 422 429',
  'GET /user': '200 401',
  'PUT /user': '200 401 409 422',
  'GET /profiles/{username}': '200 401 404',
  'POST /profiles/{username}/follow': '200 401 404',
  'DELETE /profiles/{username}/follow': '200 401 404',
  'GET /articles': '200 401 422',
  'GET /search': '200 401 422',
  'GET /articles/feed': '200 401 422',
  'POST /articles': '201 401 422',
  'GET /articles/{slug}': '200 401 404',
  'PUT /articles/{slug}': '200 401 403 404 422',
  'DELETE /articles/{slug}': '204 401 403 404',
  'POST /articles/{slug}/favorite': '200 401 404',
  'DELETE /articles/{slug}/favorite': '200 401 404',
  'GET /articles/{slug}/comments': '200 401 404',
  'POST /articles/{slug}/comments': '201 401 404 422',
  'DELETE /articles/{slug}/comments/{id}': '204 401 403 404',
  'GET /tags': '200',
  'GET /health': '200',
};

test('the document in the repository is the current one', () => {
  const file = path.join(__dirname, '../../openapi/realworld-api.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
});

test('it is OpenAPI 3.1 of the contract of version 2.0.0, served wherever it is', () => {
  expect(document.openapi).toBe('3.1.0');
  expect(document.info).toMatchObject({ title: expect.any(String) as string, version: '2.0.0' });
  expect(document).toMatchObject({ servers: [{ url: '/api' }] });
});

test('every endpoint is documented, and nothing else', () => {
  const served = Object.entries(REALWORLD_ENDPOINTS).map(([id, { method, path: route }]) => `${id} ${method} ${route}`);
  expect(operations.map(({ name, operation }) => `${operation.operationId} ${name}`).sort()).toEqual(
    [...served].sort(),
  );
});

test('every reference leads somewhere, and every component is referred to', () => {
  const references = values('$ref', document).map(String);
  const components = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(references.filter((reference) => !components.includes(reference))).toEqual([]);
  expect(components.filter((component) => !references.includes(component))).toEqual([]);
});

test.each(Object.keys(STATUSES))('the statuses of %s are those of the rules', (name) => {
  expect(Object.keys(at(name).responses).sort().join(' ')).toBe(STATUSES[name]);
});

test('each operation has an id of its own, a tag that is listed and a description of every answer', () => {
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  const tags = document.tags.map(({ name }) => name);
  for (const { name, operation } of operations) {
    expect({ name, tags: operation.tags.filter((tag) => !tags.includes(tag)) }).toEqual({ name, tags: [] });
    const silent = Object.values(operation.responses).filter(({ description }) => !description);
    expect({ name, silent }).toEqual({ name, silent: [] });
  }
});

test('every success but one without content has a schema, and every error the schema of errors', () => {
  for (const { name, operation } of operations) {
    for (const [status, { content }] of Object.entries(operation.responses)) {
      const refs = values('$ref', content);
      const expected = status === '204' ? [] : status < '400' ? [expect.any(String)] : ['#/components/schemas/Errors'];
      expect({ name, status, refs }).toEqual({ name, status, refs: expected });
    }
  }
});

test('a path and its parameters name the same, and none is optional', () => {
  for (const { route, operation } of operations) {
    const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
    expect(declared.map(({ name, required }) => [name, required])).toEqual(named.map((name) => [name, true]));
  }
});

test('lists say their parameters, with the bounds that are enforced', () => {
  const query = (name: string) => (at(name).parameters ?? []).filter((parameter) => parameter.in === 'query');
  expect(query('GET /articles').map(({ name }) => name)).toEqual([
    ...['tag', 'author', 'favorited', 'search', 'limit', 'offset'],
  ]);
  expect(query('GET /search').map(({ name }) => name)).toEqual(['q', 'tag', 'author', 'limit', 'after']);
  expect(query('GET /articles/feed').map(({ name }) => name)).toEqual(['limit', 'offset']);
  expect(query('GET /articles/feed').map(({ schema }) => schema)).toMatchObject([
    { minimum: 1, maximum: LIMITS.pageSize, default: 20 },
    { minimum: 0, maximum: LIMITS.window },
  ]);
});

test('a parameter of a list says what it is, where explorers show it', () => {
  const query = operations.flatMap(({ name, operation }) =>
    (operation.parameters ?? []).filter((parameter) => parameter.in === 'query').map((one) => ({ ...one, of: name })),
  );
  expect(query.length).toBeGreaterThan(10);
  expect(query.filter(({ description, schema }) => !description || 'description' in schema)).toEqual([]);
});

test('where a token is needed, taken or not looked at is said as it is', () => {
  const kinds = operations.map(({ name, operation }) => {
    const { security } = operation;
    return [
      name,
      security === undefined ? 'none' : security.some((one) => !('Token' in one)) ? 'optional' : 'required',
    ];
  });
  const of = (kind: string) => kinds.filter(([, found]) => found === kind).map(([name]) => name);
  expect(of('none').sort()).toEqual(['GET /health', 'GET /tags', 'POST /users', 'POST /users/login']);
  expect(of('optional').sort()).toEqual([
    'GET /articles',
    'GET /articles/{slug}',
    'GET /articles/{slug}/comments',
    'GET /profiles/{username}',
    'GET /search',
  ]);
  expect(document.components.securitySchemes).toMatchObject({ Token: { in: 'header', name: 'Authorization' } });
});

test('request bodies come from the schemas that validate: what is required is, what is bounded is', () => {
  const { schemas } = document.components;
  expect(schemas.Registration.properties?.user).toMatchObject({ required: ['username', 'email', 'password'] });
  expect(schemas.Registration.properties?.user.properties).toMatchObject({
    username: { type: 'string', maxLength: LIMITS.username },
    email: { maxLength: LIMITS.email },
  });
  expect(schemas.UserUpdate.properties?.user.properties?.password).toMatchObject({ minLength: LIMITS.passwordMinimum });
  expect(schemas.UserUpdate.properties?.user.required).toBeUndefined();
  expect(schemas.NewArticle.properties?.article).toMatchObject({ required: ['title', 'description', 'body'] });
  expect(schemas.NewArticle.properties?.article.properties?.tagList).toMatchObject({
    type: 'array',
    maxItems: LIMITS.tags,
    items: { type: 'string', maxLength: LIMITS.tag },
  });
  for (const { name, operation } of operations) {
    expect({ name, body: operation.requestBody !== undefined }).toEqual({
      name,
      body: /^(POST|PUT) \/(users?|users\/login|articles|articles\/\{slug\}|articles\/\{slug\}\/comments)$/.test(name),
    });
  }
});

test('answers have the shapes of the contract: lists without bodies, ids of comments integers', () => {
  const { schemas } = document.components;
  expect(Object.keys(schemas.User.properties?.user.properties ?? {})).toEqual([
    'email',
    'token',
    'username',
    'bio',
    'image',
  ]);
  expect(schemas.Articles.required).toEqual(['articles', 'articlesCount']);
  expect(schemas.Articles.properties?.articles.items).not.toHaveProperty('properties.body');
  expect(schemas.Article).toHaveProperty('properties.article.properties.body');
  expect(schemas.Comment.properties?.comment.properties?.id).toEqual({ type: 'integer' });
  const article = schemas.Article.properties?.article.properties;
  expect(article?.createdAt).toEqual({ type: 'string', format: 'date-time' });
  expect(article?.favoritesCount).toEqual({ type: 'integer', minimum: 0 });
});

test('a search says what each part of its answer means', () => {
  const { properties = {} } = document.components.schemas.SearchResult;
  const { highlights } = (properties.articles.items as Schema).properties ?? {};
  const { articlesCount, tags, complete, next } = properties;
  const parts = { articlesCount, tags, complete, next, highlights, ...highlights.properties };
  expect(Object.keys(parts)).toHaveLength(8);
  expect(Object.entries(parts).flatMap(([name, { description }]) => (description ? [] : [name]))).toEqual([]);
  expect(highlights.description).toContain('HTML');
  const { description } = at('GET /search') as { readonly description?: string };
  expect(Object.values(WEIGHTS).filter((weight) => !description?.includes(` ${weight} `))).toEqual([]);
});

test('the example of a search is what this API answers', () => {
  const example = searchAnswer.parse(document.components.schemas.SearchResult.example);
  expect(example).toEqual(document.components.schemas.SearchResult.example);
  const words = ['train', 'dragon'];
  const text = { ...example.articles[0], body: 'Feed it first: no hungry dragon learns. Then be patient & careful.' };
  expect(JSON.parse(JSON.stringify(highlightsOf(words, text)))).toEqual(text.highlights);
  expect(toPlace(example.next ?? '', { q: 'train dragon' })).toMatchObject({ score: scoreOf(words, text) });
});
