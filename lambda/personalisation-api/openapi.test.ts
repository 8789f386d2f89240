import { CONTRACTS } from './contracts';
import { document as generated } from './openapi';
import { newBlob, newProfile } from './schemas/input';
import { PERSONALISATION_ENDPOINTS } from '../../src/personalisation-api/contract';

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
  readonly responses: Readonly<Record<string, object>>;
}
const document = generated as unknown as {
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly object[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, { readonly example?: unknown }>> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]): [string, Operation] => [
    `${method.toUpperCase()} ${path}`,
    operation,
  ]),
);

/** Statuses by endpoint: the table of the API's rules. */
const STATUSES: Readonly<Record<string, string>> = {
  'PUT /profile': '200 201 400 409 412 413',
  'GET /profile/{id}': '200 304 400 404',
  'DELETE /profile/{id}': '204 404 412',
  'GET /profile/{id}/tags': '200 404',
  'GET /profile/{id}/segment/{type}': '200 400 404',
  'GET /profile/{id}/segment/{type}/versions': '200 400 404',
  'GET /profile/{id}/segment/{type}/categories': '200 404',
  'GET /profile/{id}/segment/{type}/topcategories': '200 404',
  'GET /profile/{id}/segment/{type}/tags': '200 404',
  'PUT /blob': '200 201 400 412 413',
  'GET /blob/{id}': '200 304 404',
  'DELETE /blob/{id}': '204 404 412',
  'GET /blob/{id}/segments': '200 404',
};

test('the document has every endpoint by its one name, with the statuses that it answers', () => {
  expect(
    Object.fromEntries(operations.map(([name, { responses }]) => [name, Object.keys(responses).sort().join(' ')])),
  ).toEqual(STATUSES);
  expect(operations.map(([, { operationId }]) => operationId).sort()).toEqual(
    Object.keys(PERSONALISATION_ENDPOINTS).sort(),
  );
  expect(Object.keys(CONTRACTS).sort()).toEqual(Object.keys(PERSONALISATION_ENDPOINTS).sort());
  expect(document.servers).toEqual([{ url: '/api/v1' }]);
  // What a deployment asks of callers is put in by the function that serves it.
  expect(document.security).toEqual([]);
});

test('what the explorer fills in is taken as it stands', () => {
  const { NewProfile, NewBlob } = document.components.schemas;
  expect(newProfile.safeParse(NewProfile.example).success).toBe(true);
  expect(newBlob.safeParse(NewBlob.example).success).toBe(true);
});

test('every parameter of a query says what it is for', () => {
  const silent = operations.flatMap(([name, { parameters = [] }]) =>
    parameters.filter((one) => one.in === 'query' && !one.description).map((one) => `${name} ${one.name}`),
  );
  expect(silent).toEqual([]);
});
