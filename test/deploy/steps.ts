import { Answer, RequestOptions } from '../e2e/client';
import {
  articleOf,
  articlesOf,
  commentOf,
  commentsOf,
  expectErrorShape,
  expectNoContent,
  expectStatus,
  profileOf,
  tagsOf,
  userOf,
} from '../e2e/shapes';
import { uniqueName } from '../e2e/world';

/** What the steps tell each other: each goes on from those before it. */
export class Scenario {
  public readonly author = person();
  public readonly reader = person();
  public readonly tag = uniqueName('tag');
  public authorToken = '';
  public readerToken = '';
  public slug = '';
  public commentId = 0;
  /** Whether the document of the deployed API has the search, which is there with an index. */
  public searches = false;
}

/** Calls the endpoint of the step: no other. */
export type Call = (
  request?: RequestOptions & { readonly path?: Readonly<Record<string, string>>; readonly query?: string },
) => Promise<Answer>;

export interface Step {
  /** `GET /articles/{slug}`, as the OpenAPI document has it. */
  readonly endpoint: string;
  /** `endpoint` ... */
  readonly does: string;
  run(call: Call, scenario: Scenario): Promise<void>;
}

function person() {
  const username = uniqueName();
  return { username, email: `${username}@example.com`, password: uniqueName('password') };
}

/** Longer than streams and indexes take, with a cold start of each function on the way. */
const WITHIN_MS = 60_000;
const POLL_INTERVAL_MS = 250;

/** Reads until it is so: streams and indexes follow a write. @throws the error of the last reading, after a minute or at no answer */
async function eventually(read: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await read();
    } catch (error) {
      const noAnswer = (error as NodeJS.ErrnoException).code !== undefined;
      if (noAnswer || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
    }
  }
}

/** An error of the status in the shape of all errors. */
function refused(answer: Answer, status: number): void {
  expectStatus(answer, status);
  expectErrorShape(answer);
}

/** Every endpoint, in an order in which each has what it needs. */
export const STEPS: readonly Step[] = [
  {
    endpoint: 'GET /health',
    does: 'says that all is well',
    run: async (call) => {
      const answer = await call();
      expectStatus(answer, 200);
      expect(answer.json).toEqual({ status: 'ok' });
    },
  },
  {
    endpoint: 'POST /users',
    does: 'registers two users and refuses a name that is taken',
    run: async (call, scenario) => {
      scenario.authorToken = userOf(await call({ body: { user: scenario.author } }), 201).token;
      scenario.readerToken = userOf(await call({ body: { user: scenario.reader } }), 201).token;
      refused(await call({ body: { user: scenario.author } }), 409);
    },
  },
  {
    endpoint: 'POST /users/login',
    does: 'signs in with the password, and not with another',
    run: async (call, { author: { username, email, password } }) => {
      expect(userOf(await call({ body: { user: { email, password } } })).username).toBe(username);
      refused(await call({ body: { user: { email, password: `${password}x` } } }), 401);
    },
  },
  {
    endpoint: 'GET /user',
    does: 'shows who is signed in, and refuses a visitor',
    run: async (call, { author, authorToken: token }) => {
      expect(userOf(await call({ token }))).toMatchObject({ username: author.username, email: author.email });
      refused(await call(), 401);
    },
  },
  {
    endpoint: 'PUT /user',
    does: 'changes the biography, and the name in a transaction',
    run: async (call, { author, authorToken: token }) => {
      expect(userOf(await call({ token, body: { user: { bio: 'Writes.' } } })).bio).toBe('Writes.');
      author.username = uniqueName();
      expect(userOf(await call({ token, body: { user: { username: author.username } } }))).toMatchObject({
        username: author.username,
        bio: 'Writes.',
      });
    },
  },
  {
    endpoint: 'GET /profiles/{username}',
    does: 'shows a profile, and 404 where there is none',
    run: async (call, { author, readerToken: token }) => {
      const path = { username: author.username };
      expect(profileOf(await call({ path, token }))).toMatchObject({ bio: 'Writes.', following: false });
      refused(await call({ path: { username: uniqueName() } }), 404);
    },
  },
  {
    endpoint: 'POST /profiles/{username}/follow',
    does: 'follows',
    run: async (call, { author, readerToken: token }) => {
      expect(profileOf(await call({ path: { username: author.username }, token })).following).toBe(true);
    },
  },
  {
    endpoint: 'POST /articles',
    does: 'publishes, and refuses an article without a title',
    run: async (call, scenario) => {
      const article = { title: uniqueName('Title '), description: 'About it', body: 'Text', tagList: [scenario.tag] };
      const made = articleOf(await call({ token: scenario.authorToken, body: { article } }), 201);
      expect(made).toMatchObject({ ...article, author: { username: scenario.author.username } });
      scenario.slug = made.slug;
      refused(await call({ token: scenario.authorToken, body: { article: { ...article, title: '' } } }), 422);
    },
  },
  {
    endpoint: 'GET /articles/feed',
    does: 'has the article for who follows its author',
    run: (call, { slug, readerToken: token }) =>
      eventually(async () => {
        const { articles, articlesCount } = articlesOf(await call({ token }));
        expect(articles.map((article) => article.slug)).toEqual([slug]);
        expect(articlesCount).toBe(1);
        expect(articles[0].author.following).toBe(true);
      }),
  },
  {
    endpoint: 'GET /articles/{slug}',
    does: 'shows an article to anyone, and 404 where there is none',
    run: async (call, { slug, tag }) => {
      expect(articleOf(await call({ path: { slug } }))).toMatchObject({ slug, tagList: [tag], body: 'Text' });
      refused(await call({ path: { slug: uniqueName() } }), 404);
    },
  },
  {
    endpoint: 'PUT /articles/{slug}',
    does: 'changes an article of the author, and of no one else',
    run: async (call, { slug, authorToken, readerToken }) => {
      const body = { article: { body: 'Other text' } };
      refused(await call({ path: { slug }, token: readerToken, body }), 403);
      expect(articleOf(await call({ path: { slug }, token: authorToken, body })).body).toBe('Other text');
    },
  },
  {
    endpoint: 'POST /articles/{slug}/favorite',
    does: 'counts a favorite',
    run: async (call, { slug, readerToken: token }) => {
      expect(articleOf(await call({ path: { slug }, token }))).toMatchObject({ favorited: true, favoritesCount: 1 });
    },
  },
  {
    endpoint: 'GET /articles',
    does: 'lists all, by tag, by author and by who has favorited',
    run: async (call, { slug, tag, author, reader, readerToken: token }) => {
      const queries = [`?tag=${tag}`, `?author=${author.username}`, `?favorited=${reader.username}`, ''];
      for (const query of queries) {
        await eventually(async () => {
          const { articles } = articlesOf(await call({ query, token }));
          expect(articles.find((article) => article.slug === slug)).toMatchObject({ favorited: true });
        });
      }
    },
  },
  {
    endpoint: 'DELETE /articles/{slug}/favorite',
    does: 'takes the favorite back',
    run: async (call, { slug, readerToken: token }) => {
      expect(articleOf(await call({ path: { slug }, token }))).toMatchObject({ favorited: false, favoritesCount: 0 });
    },
  },
  {
    endpoint: 'POST /articles/{slug}/comments',
    does: 'comments, and refuses an empty comment',
    run: async (call, scenario) => {
      const request = { path: { slug: scenario.slug }, token: scenario.readerToken };
      const made = commentOf(await call({ ...request, body: { comment: { body: 'Good.' } } }), 201);
      expect(made).toMatchObject({ body: 'Good.', author: { username: scenario.reader.username } });
      scenario.commentId = made.id;
      refused(await call({ ...request, body: { comment: { body: '' } } }), 422);
    },
  },
  {
    endpoint: 'GET /articles/{slug}/comments',
    does: 'lists the comments',
    run: async (call, { slug, commentId }) => {
      expect(commentsOf(await call({ path: { slug } })).map(({ id }) => id)).toEqual([commentId]);
    },
  },
  {
    endpoint: 'DELETE /articles/{slug}/comments/{id}',
    does: 'deletes a comment of its author, and of no one else',
    run: async (call, { slug, commentId, authorToken, readerToken }) => {
      const path = { slug, id: String(commentId) };
      refused(await call({ path, token: authorToken }), 403);
      expectNoContent(await call({ path, token: readerToken }));
    },
  },
  {
    endpoint: 'GET /tags',
    does: 'names the tag of the article',
    run: (call, { tag }) => eventually(async () => expect(tagsOf(await call())).toContain(tag)),
  },
  {
    endpoint: 'GET /search',
    does: 'finds the article by its tag where the document has it, and is no route where not',
    run: async (call, { tag, slug, searches }) => {
      const answer = await call({ query: `?q=${tag}` });
      expectStatus(answer, searches ? 200 : 404);
      if (searches) {
        const { articles } = answer.json as { articles: readonly { slug: string }[] };
        expect(articles.map((article) => article.slug)).toEqual([slug]);
      }
    },
  },
  {
    endpoint: 'DELETE /profiles/{username}/follow',
    does: 'unfollows',
    run: async (call, { author, readerToken: token }) => {
      expect(profileOf(await call({ path: { username: author.username }, token })).following).toBe(false);
    },
  },
  {
    endpoint: 'GET /articles/feed',
    does: 'has nothing for who follows no one',
    run: (call, { readerToken: token }) =>
      eventually(async () => expect(articlesOf(await call({ token }))).toEqual({ articles: [], articlesCount: 0 })),
  },
  {
    endpoint: 'DELETE /articles/{slug}',
    does: 'deletes an article of the author, and of no one else',
    run: async (call, { slug, authorToken, readerToken }) => {
      refused(await call({ path: { slug }, token: readerToken }), 403);
      expectNoContent(await call({ path: { slug }, token: authorToken }));
    },
  },
  {
    endpoint: 'GET /articles/{slug}',
    does: 'does not show what was deleted',
    run: async (call, { slug }) => refused(await call({ path: { slug } }), 404),
  },
];
