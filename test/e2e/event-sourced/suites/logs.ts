import { type ClaimsWorld, MARK } from '../world';

/** What no log may show: tokens, and whatever the tests have written, which begins with a mark (passwords and e-mails too). */
const SECRETS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a JWT', /\beyJ[\w-]{8,}/],
  ['an e-mail', /@example\.com/i],
  ['a password', /P4-/],
  ['text that was written', new RegExp(MARK)],
  ['a header of credentials', /bearer|AWS4-HMAC/i],
  ['an error of the library', /request failed|Task timed out|"level":"ERROR"/],
];

/** After all else: what functions, APIs and the runner have written meanwhile. */
export function describeLogs(world: ClaimsWorld): void {
  test.each(SECRETS)('no line shows %s', (_, pattern) => {
    const lines = world.lines();
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.filter((line) => pattern.test(line.text)).slice(0, 5)).toEqual([]);
  });
}
