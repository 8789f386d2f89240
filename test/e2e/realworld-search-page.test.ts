import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remote } from './harness';
import { useWorld } from './world';

/** docs/search.md, "Try it": its requests, one after the other, are answered as it says. */

const page = readFileSync(join(__dirname, '..', '..', 'docs', 'search.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|json)\n([^]*?)^```$/gm)].map(([, kind, text]) => ({ kind, text }));

interface Request {
  readonly path: string;
  readonly body?: string;
}

/** The requests of some lines of a shell, in their order. */
function requestsOf(lines: string): Request[] {
  const found = lines.replaceAll('\\\n', ' ').matchAll(/\bcurl -s "?\$API([^\s")]+)"?(?:[^\n]*? -d '([^']+)')?/g);
  return [...found].map(([, path, body]) => ({ path, body }));
}

/** Without what is another at every run. */
const lasting = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) =>
    key === 'createdAt' || key === 'updatedAt' || (key === 'next' && value !== null) ? typeof value : value,
  );

// What is searched for must be in these two articles alone.
const describeLocal = remote ? describe.skip : describe;

describeLocal('docs/search.md (not with REALWORLD_URL: others may have articles about dragons)', () => {
  const world = useWorld({ search: 'on', lag: { search: 3_000 } });

  test('shows what its requests are answered, in the order of the page, though the index is behind', async () => {
    let last: unknown;
    let token: string | undefined;
    const compared: unknown[] = [];
    for (const { kind, text } of blocks) {
      if (kind === 'json') {
        expect(lasting(last)).toEqual(lasting(JSON.parse(text)));
        compared.push(last);
      }
      for (const { path, body } of kind === 'sh' ? requestsOf(text) : []) {
        const { next } = (last ?? {}) as { readonly next?: string };
        const response = await fetch(`${world.running.api}${path.replace('$NEXT', next ?? '')}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: token === undefined ? {} : { authorization: `Token ${token}` },
          body,
        });
        expect([path, response.status]).toEqual([path, body === undefined ? 200 : 201]);
        last = await response.json();
        token ??= (last as { readonly user?: { readonly token: string } }).user?.token;
      }
    }
    expect(compared).toHaveLength(3);
  });
});
