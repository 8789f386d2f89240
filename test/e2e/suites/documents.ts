import { expectJson, expectStatus } from '../shapes';
import { World } from '../world';

/** Every operation of the contract; `{}` stands for a parameter. */
export const OPERATIONS: readonly (readonly [method: string, path: string])[] = [
  ['post', '/users'],
  ['post', '/users/login'],
  ['get', '/user'],
  ['put', '/user'],
  ['get', '/profiles/{}'],
  ['post', '/profiles/{}/follow'],
  ['delete', '/profiles/{}/follow'],
  ['get', '/articles'],
  ['post', '/articles'],
  ['get', '/articles/feed'],
  ['get', '/articles/{}'],
  ['put', '/articles/{}'],
  ['delete', '/articles/{}'],
  ['post', '/articles/{}/favorite'],
  ['delete', '/articles/{}/favorite'],
  ['get', '/articles/{}/comments'],
  ['post', '/articles/{}/comments'],
  ['delete', '/articles/{}/comments/{}'],
  ['get', '/tags'],
];

interface Operation {
  readonly responses?: Readonly<Record<string, unknown>>;
}

interface Specification {
  readonly openapi: string;
  readonly info: { readonly title?: string; readonly version?: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** GET /health, /docs and /docs/spec.json. */
export function describeDocuments(world: World): void {
  describe('health', () => {
    test('is 200 without a token', async () => {
      const answer = await world.get('/health');
      expectStatus(answer, 200);
      expectJson(answer);
    });
  });

  describe('documents', () => {
    const specification = async (): Promise<Specification> => {
      const answer = await world.rootRequest('GET', '/docs/spec.json');
      expectStatus(answer, 200);
      expectJson(answer);
      return answer.json as Specification;
    };

    /** Paths without the base and without the names of parameters. */
    const operations = async (): Promise<Map<string, Operation>> => {
      const found = new Map<string, Operation>();
      for (const [path, methods] of Object.entries((await specification()).paths)) {
        const plain = path.replace(/^\/api(?=\/)/, '').replace(/\{[^}]*\}/g, '{}');
        for (const [method, operation] of Object.entries(methods)) found.set(`${method} ${plain}`, operation);
      }
      return found;
    };

    test('the explorer is a page that loads nothing from elsewhere', async () => {
      const answer = await world.rootRequest('GET', '/docs');
      expectStatus(answer, 200);
      expect(answer.headers['content-type']).toMatch(/^text\/html\b/);
      expect(answer.text).toMatch(/<html[\s>]/i);
      const loaded = answer.text.matchAll(
        /<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)\s*=\s*["']?([^"'\s>]+)/gi,
      );
      const elsewhere = [...loaded].map(([, url]) => url).filter((url) => /^(?:[a-z][\w+.-]*:)?\/\//i.test(url));
      expect(elsewhere).toEqual([]);
      expect(answer.text).not.toMatch(/@import|url\(\s*["']?https?:|\bimport\s*\(?\s*["']https?:/i);
      expect(answer.text).not.toMatch(/cdn\.|unpkg\.com|jsdelivr|googleapis\.com/i);
    });

    test('the specification is OpenAPI 3.1', async () => {
      const { openapi, info } = await specification();
      expect(openapi).toMatch(/^3\.1\.\d+$/);
      expect(info).toMatchObject({ title: expect.any(String) as unknown, version: expect.any(String) as unknown });
    });

    test.each(OPERATIONS)('the specification describes %s %s with its answers', async (method, path) => {
      const operation = (await operations()).get(`${method} ${path}`);
      const statuses = Object.keys(operation?.responses ?? {});
      expect(statuses.filter((status) => status.startsWith('2'))).toHaveLength(1);
      expect(statuses.filter((status) => !/^(?:[1-5]\d\d|[1-5]XX|default)$/.test(status))).toEqual([]);
    });

    test.each([
      ['post /users', ['201', '409', '422']],
      ['post /users/login', ['200', '401', '422']],
      ['put /user', ['200', '401', '409', '422']],
      ['get /profiles/{}', ['200', '404']],
      ['get /articles', ['200', '422']],
      ['get /articles/feed', ['200', '401']],
      ['post /articles', ['201', '401', '422']],
      ['put /articles/{}', ['200', '401', '403', '404', '422']],
      ['delete /articles/{}', ['204', '401', '403', '404']],
      ['post /articles/{}/comments', ['201', '401', '404', '422']],
      ['delete /articles/{}/comments/{}', ['204', '401', '403', '404']],
    ])('the specification lists the statuses of %s', async (name, statuses) => {
      const operation = (await operations()).get(name);
      expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(statuses));
    });

    test('the specification has no reference to nowhere', async () => {
      const document = await specification();
      const references = referencesIn(document);
      expect(references.filter((reference) => !resolves(document, reference))).toEqual([]);
    });
  });
}

function referencesIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : referencesIn(inner),
  );
}

/** True for a JSON pointer into the document itself. */
function resolves(document: unknown, reference: string): boolean {
  if (!reference.startsWith('#')) return false;
  const steps = reference.slice(1).split('/').slice(1);
  const keys = steps.map((step) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'));
  let place: unknown = document;
  for (const key of keys) {
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, key)) return false;
    place = (place as Record<string, unknown>)[key];
  }
  return true;
}
