import { MARK, type PostsWorld } from '../world';

/** What no log may show: tokens, and whatever the tests have written, which begins with a mark (passwords and e-mails too). */
const SECRETS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a token of the API', /csbp_/],
  ['a JWT', /\beyJ[\w-]{8,}/],
  ['an e-mail', /@example\.com/i],
  ['a password', /P4-/],
  ['text that was written', new RegExp(MARK)],
  ['a header of credentials', /bearer/i],
];

/** After all else: what functions and the gateway have written meanwhile. */
export function describeLogs(world: PostsWorld): void {
  test.each(SECRETS)('no line shows %s', (_, pattern) => {
    const lines = world.running.lines();
    expect(lines.filter((line) => pattern.test(line.text)).slice(0, 5)).toEqual([]);
  });

  test('a line of the access log says which request it was, and who asked', async () => {
    const user = await world.signUp();
    const { headers } = await world.get('/me', user);
    const lines = world.running.lines().filter(({ of, text }) => of === 'access log' && text.includes(user.userId));
    expect(lines.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      expect.objectContaining({ requestId: headers['x-amzn-requestid'], principal: user.userId, status: '200' }),
    ]);
  });

  test('there are lines to look at: one of the access log for every request, and none of failed requests', async () => {
    await world.get('/nothing');
    const lines = world.running.lines();
    const access = lines.filter(({ of }) => of === 'access log');
    expect(access.length).toBeGreaterThanOrEqual(world.requests);
    expect(
      lines.map((line) => line.text).filter((line) => /request failed|Task timed out|"level":"ERROR"/.test(line)),
    ).toEqual([]);
  });
}
