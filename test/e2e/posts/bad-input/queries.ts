import { useAim } from './operations';
import { POSTS_ENDPOINTS, type PostsEndpoint } from '../../../../src/posts-api/contract';
import { INJECTIONS, UNICODE } from '../../../support/payloads';
import { sampled } from '../../../support/scope';
import { encoded, queryString } from '../../client';
import { expectStatus } from '../../shapes';
import { times, uniqueName } from '../../world';
import { allowedUsersOf, expectInvalid, postsOf, tagsOf, tokensOf } from '../shapes';
import type { PostsWorld, Session } from '../world';

const LISTS = Object.entries<PostsEndpoint>(POSTS_ENDPOINTS).filter(([, { query }]) => query !== undefined);
const lists = LISTS.map(([name, { path, query }], at) => [name, path, query ?? [], at] as const);

const TEXTS = [...INJECTIONS, ...UNICODE.map(([, text]) => text), 'nul\u0000nul', ''];

const LIMITS = [
  '0',
  '101',
  '-1',
  '1e3',
  'abc',
  '1.5',
  '0x10',
  '%201',
  '',
  '9'.repeat(20),
  'NaN',
  '%D9%A1',
  '%00',
  '1%2C2',
];

/** What every list is asked; one of them is asked all of the above. */
const FEW_TEXTS = ['', '__proto__', "' OR '1'='1", 'nul\u0000nul', '龍を訓練する'];
const FEW_LIMITS = ['0', '101', '-1', '1e3', 'abc'];

/** Odd queries, and cursors that nobody was given, or for something else. */
export function describeQueries(world: PostsWorld): void {
  const aim = useAim(world);
  const filled = (path: string): string => {
    const { post, tag, user } = aim.target;
    return path.replace('{postId}', post.post_id).replace('{tagId}', tag.tag_id).replace('{userId}', user.userId);
  };
  const ask = (path: string, query: string, by: Session = aim.target.user) => world.get(`${filled(path)}?${query}`, by);

  describe.each(lists)('%s', (name, path, names, at) => {
    const [limits, texts] = name === 'GetPosts' ? [LIMITS, TEXTS] : [FEW_LIMITS, FEW_TEXTS];

    test('with a limit that is none is 400', async () => {
      const answers = await times(limits.length, (index) => ask(path, `limit=${limits[index]}`));
      answers.forEach((answer) => expectInvalid(answer, 'limit'));
    });

    test('with a bound of the limit is 200', async () => {
      for (const limit of ['1', '100', '007']) expectStatus(await ask(path, `limit=${limit}`), 200);
    });

    test('with odd text for what it knows is 400', async () => {
      for (const [place, known] of names.entries()) {
        // With all names together, all texts.
        const sent = sampled(texts, names.length, place);
        const answers = await times(sent.length, (index) => ask(path, `${known}=${encoded(sent[index])}`));
        answers.forEach((answer) => expectInvalid(answer, known));
      }
    });

    test('with a name that is given twice is 400, whatever the values', async () => {
      for (const [known, one, two] of [
        ['limit', '1', '2'],
        ['limit', '1', '1'],
        ['scope', 'mine', 'all'],
        ['scope', 'mine', 'mine'],
      ]) {
        if (names.includes(known)) expectInvalid(await ask(path, `${known}=${one}&${known}=${two}`), known);
      }
    });

    test('with a name that it does not know is 400', async () => {
      const all = ['sort', 'limit[]', 'Limit', 'PK', 'user_id', '__proto__', 'constructor', 'access_token'];
      const unknown = sampled(all, 4, at);
      const answers = await times(unknown.length, (index) => ask(path, `${encoded(unknown[index])}=1`));
      answers.forEach((answer) => expectInvalid(answer));
    });

    test('with a broken query is an error of the client, or the list', async () => {
      for (const query of sampled(['%', 'limit=%zz', '=', '&&', 'limit', '?limit=1', '#limit=1'], 4, at)) {
        const answer = await ask(path, query);
        if (answer.status !== 200) expectInvalid(answer);
      }
    });

    test('with a cursor that nobody was given is 400', async () => {
      const all = [
        'x',
        'null',
        Buffer.from('{}').toString('base64url'),
        Buffer.from('null').toString('base64url'),
        Buffer.from('{"PK":{"S":"POST#1"},"SK":{"S":"DETAILS"}}').toString('base64url'),
        Buffer.from(JSON.stringify({ PK: 'USER_POSTS#1', SK: 'POST#1' })).toString('base64url'),
        'A'.repeat(200),
        'A'.repeat(201),
        'A'.repeat(5_000),
        '%2e%2e%2f',
      ];
      const made = sampled(all, 4, at);
      const answers = await times(made.length, (index) => ask(path, `cursor=${made[index]}`));
      answers.forEach((answer) => expectInvalid(answer, 'cursor'));
    });
  });

  describe('a cursor', () => {
    let user: Session;
    let other: Session;
    let tag: string;
    let otherTag: string;
    let shared: string;

    beforeAll(async () => {
      [user, other] = await world.signUps(2);
      [tag, otherTag] = await Promise.all([world.createTag(user), world.createTag(user)]).then((made) =>
        made.map(({ tag_id: id }) => id),
      );
      const fields = { access_type: 'public', tags: [tag, otherTag] } as const;
      for (let made = 0; made < 3; made++) await world.createPost(user, fields);
      const allowed = [other.userId, aim.target.user.userId, aim.target.other.userId];
      const post = await world.createPost(user, { access_type: 'allowed_user', allowed_users: allowed });
      shared = post.post_id;
      await world.createToken(user, ['read:posts']);
      await world.createToken(user, ['read:posts']);
    }, 60_000);

    /** Every list that has more than a page of one, and how it is read. */
    const listed = () =>
      [
        ['/posts', postsOf],
        ['/posts?scope=mine', postsOf],
        ['/posts?scope=all', postsOf],
        [`/posts?tag=${tag}`, postsOf],
        [`/posts?tag=${otherTag}`, postsOf],
        [`/posts?scope=all&tag=${tag}`, postsOf],
        [`/users/${user.userId}/posts`, postsOf],
        [`/tags/${tag}/posts`, postsOf],
        [`/tags/${otherTag}/posts`, postsOf],
        ['/tags', tagsOf],
        ['/tags?scope=mine', tagsOf],
        ['/tags?scope=public', tagsOf],
        ['/me/tokens', tokensOf],
        [`/posts/${shared}/allowed-users`, allowedUsersOf],
      ] as const;
    /** Their places; in a sample every second, with which every endpoint is among them. */
    const places = (): readonly number[] => sampled([...listed().keys()], 2);
    const paged = (path: string, cursor?: string, limit = 1): string =>
      `${path.split('?')[0]}${queryString({ ...Object.fromEntries(new URLSearchParams(path.split('?')[1])), limit, cursor })}`;

    const cursorOf = async (index: number): Promise<string> => {
      const [path, read] = listed()[index];
      const { next } = read(await world.get(paged(path), user));
      if (next === null) throw new Error(`${path} has one page`);
      return next;
    };

    test('is for the list that it was given for, and for no other', async () => {
      const cursors = await times(listed().length, cursorOf);
      for (const at of places()) {
        const [path, read] = listed()[at];
        // Its own, and those of the lists beside it: of the same endpoint, and of another.
        const others = [1, 2, 3, 6].map((step) => cursors[(at + step) % cursors.length]);
        const answers = await times(others.length, (index) => world.get(paged(path, others[index]), user));
        answers.forEach((answer) => expectInvalid(answer, 'cursor'));
        read(await world.get(paged(path, cursors[at]), user));
      }
    });

    test('goes on with another size of page', async () => {
      for (const at of places()) {
        const [path, read] = listed()[at];
        expect(read(await world.get(paged(path, await cursorOf(at), 100), user)).rows.length).toBeGreaterThan(0);
      }
    });

    test.each(['/posts?scope=mine', '/posts?scope=all', '/tags?scope=mine', '/me/tokens'])(
      'of one user for %s shows another nothing of theirs',
      async (path) => {
        const cursor = await cursorOf(listed().findIndex(([one]) => one === path));
        const answer = await world.get(paged(path, cursor), other);
        if (answer.status === 400) return expectInvalid(answer, 'cursor');
        // Where it is no more than a place in a list: that of the one who asks.
        const rows = Object.values(answer.json as object).find(Array.isArray) as readonly {
          user_id?: string;
          access_type?: string;
        }[];
        return expect(
          rows.filter((row) => row.access_type === 'private' || path.includes('mine') || path.includes('me')),
        ).toEqual([]);
      },
    );

    test('that is tampered with is 400', async () => {
      for (const at of places()) {
        const cursor = await cursorOf(at);
        const [path] = listed()[at];
        const raw = Buffer.from(cursor, 'base64url');
        const turned = [0, Math.floor(raw.length / 2), raw.length - 1].map((index) => {
          const copy = Buffer.from(raw);
          copy[index] = 255 - copy[index];
          return copy.toString('base64url');
        });
        const all = [
          ...turned,
          cursor.slice(0, -4),
          `${cursor}AAAA`,
          `${cursor}${uniqueName()}`,
          ` ${cursor}`,
          `${cursor}==`,
        ];
        const odd = sampled(all, 3, at);
        const answers = await times(odd.length, (index) => world.get(paged(path, odd[index]), user));
        answers.forEach((answer) => expectInvalid(answer, 'cursor'));
      }
    });

    test('that is given twice is 400', async () => {
      const cursor = await cursorOf(0);
      expectInvalid(await world.get(`/posts?cursor=${cursor}&cursor=${cursor}`, user), 'cursor');
    });
  });
}
