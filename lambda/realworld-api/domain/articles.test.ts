import { createArticle, deleteArticle, getArticle, setFavorite, updateArticle } from './articles';
import type { ArticleChanges } from './model';
import { ADA, ArticleWorld, BOB, NOW } from '../../../test/support/article-world';
import { articleIdOf, refusal } from '../../../test/support/samples';

const iso = (time: number) => new Date(time).toISOString();

let world: ArticleWorld;
const input = { title: 'A title', description: 'd', body: 'b' };
const author = { username: 'ada', bio: null, image: null, following: false };

beforeEach(() => {
  world = new ArticleWorld();
});

describe('creating an article', () => {
  test('answers with the article, its tags in their order and each once', async () => {
    const { article } = await createArticle(world.ports(), 'ada', { ...input, tagList: ['z', 'a', 'z'] });
    expect(article).toEqual({
      slug: 'a-title',
      ...input,
      tagList: ['z', 'a'],
      createdAt: iso(NOW),
      updatedAt: iso(NOW),
      favorited: false,
      favoritesCount: 0,
      author,
    });
  });

  test('without tags has none', async () => {
    expect((await createArticle(world.ports(), 'ada', input)).article.tagList).toEqual([]);
  });

  test('of a title that is there already gives it a suffix, and a new id for each try', async () => {
    world.add(1, { slug: 'a-title' });
    const { article } = await createArticle(world.ports(), 'ada', input);
    expect(article.slug).toMatch(/^a-title-[a-z0-9]{6}$/);
    expect(world.bySlug.get(article.slug)?.record.slugBase).toBe('a-title');
    expect(world.bySlug.get(article.slug)?.article.articleId).toBe(articleIdOf(1002));
  });

  test('many at once with one title gives each its own slug', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => createArticle(world.ports(), 'ada', input)));
    expect(new Set(all.map(({ article }) => article.slug)).size).toBe(20);
    expect(world.bySlug.size).toBe(20);
  });

  test('is refused where the token has ended', async () => {
    expect((await refusal(createArticle(world.ports(), 'ended', input))).status).toBe(401);
    expect(world.bySlug.size).toBe(0);
  });

  test('by somebody who follows themselves says so, as a later read does', async () => {
    world.follows.add(`${ADA.userId} ${ADA.userId}`);
    const { article } = await createArticle(world.ports(), 'ada', input);
    expect(article.author).toEqual({ ...author, following: true });
    expect((await getArticle(world.ports(), 'ada', article.slug)).article).toEqual(article);
  });

  test('gives up, and does not say it is done, where no slug is free', async () => {
    const ports = world.ports();
    const create = jest.fn(async () => ({ kind: 'slug-taken' }) as const);
    const never = { ...ports, articles: { ...ports.articles, create } };
    await expect(createArticle(never, 'ada', input)).rejects.toThrow('No free slug in 8 attempts');
    expect(create).toHaveBeenCalledTimes(8);
  });
});

describe('reading an article', () => {
  test('shows it to a visitor', async () => {
    world.add(1);
    const { article } = await getArticle(world.ports(), undefined, 'article-1');
    expect(article).toMatchObject({ slug: 'article-1', body: 'Body 1', favorited: false, author });
  });

  test('tells a viewer how they stand to it and to its author', async () => {
    const { article } = world.add(1);
    world.favorites.add(`${BOB.userId} ${article.articleId}`);
    world.follows.add(`${BOB.userId} ${ADA.userId}`);
    const found = await getArticle(world.ports(), 'bob', 'article-1');
    expect(found.article).toMatchObject({ favorited: true, author: { following: true } });
  });

  test('that is not there, or whose slug outlives it, is a 404', async () => {
    const { record } = world.add(1);
    const ports = world.ports();
    expect(await refusal(getArticle(ports, undefined, 'none'))).toEqual({
      status: 404,
      errors: { article: ['not found'] },
    });
    const dangling = { ...ports.sessions, load: async () => ({ slug: record, userIds: [] }) };
    world.bySlug.clear();
    expect((await refusal(getArticle({ ...ports, sessions: dangling }, undefined, 'article-1'))).status).toBe(404);
  });
});

describe('changing an article', () => {
  const update = (changes: ArticleChanges, token = 'ada', slug = 'article-1') =>
    updateArticle(world.ports(), token, slug, changes);

  beforeEach(() => {
    world.add(1, { slug: 'article-1', title: 'Article 1', tagList: ['x'] });
    world.now = NOW + 5000;
  });

  test.each([
    ['its body', { body: 'new' }],
    ['its description', { description: 'new' }],
    ['its tags', { tagList: [] }],
  ])('in %s keeps slug and createdAt, moves updatedAt and leaves the rest', async (_, changes) => {
    const before = world.bySlug.get('article-1')?.article;
    const { article } = await update(changes);
    expect(article).toMatchObject({
      ...{
        slug: 'article-1',
        title: 'Article 1',
        body: before?.body,
        description: before?.description,
        tagList: ['x'],
      },
      ...{ createdAt: before?.createdAt, updatedAt: iso(NOW + 5000) },
      ...changes,
    });
  });

  test('to another title moves the slug: the old one is 404 and free', async () => {
    const { article } = await update({ title: 'Another' });
    expect(article).toMatchObject({ slug: 'another', title: 'Another' });
    expect((await refusal(getArticle(world.ports(), undefined, 'article-1'))).status).toBe(404);
    const again = await createArticle(world.ports(), 'ada', { ...input, title: 'Article 1' });
    expect(again.article.slug).toBe('article-1');
  });

  test('to the same title, or one that differs in signs alone, keeps the slug', async () => {
    expect((await update({ title: 'Article 1' })).article.slug).toBe('article-1');
    world.now += 1;
    expect((await update({ title: 'ARTICLE 1!' })).article).toMatchObject({ slug: 'article-1', title: 'ARTICLE 1!' });
  });

  test('to the title it has keeps also a slug with a suffix', async () => {
    const { article } = await createArticle(world.ports(), 'ada', { ...input, title: 'Article 1' });
    world.now += 1;
    expect((await update({ title: 'Article 1' }, 'ada', article.slug)).article.slug).toBe(article.slug);
  });

  test('to a title that spells the suffixed slug itself keeps the slug', async () => {
    const { article } = await createArticle(world.ports(), 'ada', { ...input, title: 'Article 1' });
    const title = article.slug.replaceAll('-', ' ');
    world.now += 1;
    world.writes.length = 0;
    expect((await update({ title }, 'ada', article.slug)).article).toMatchObject({ slug: article.slug, title });
    expect(world.writes).toEqual(['update']);
  });

  test('to a title whose slug is taken gives a suffix', async () => {
    world.add(2, { slug: 'taken' });
    expect((await update({ title: 'Taken' })).article.slug).toMatch(/^taken-[a-z0-9]{6}$/);
    expect(world.writes).toEqual(['update', 'update']);
  });

  test('keeps a tag once, where it first stands', async () => {
    expect((await update({ tagList: ['b', 'a', 'b'] })).article.tagList).toEqual(['b', 'a']);
  });

  test('in nothing answers with what is there and writes nothing', async () => {
    const before = world.bySlug.get('article-1')?.article.updatedAt;
    expect((await update({})).article.updatedAt).toBe(before);
    expect((await update({ title: undefined })).article.updatedAt).toBe(before);
    expect(world.writes).toEqual([]);
  });

  test('within the same millisecond, or by a clock that is behind, still moves updatedAt forward', async () => {
    await update({ body: '1' });
    const second = await update({ body: '2' });
    expect(second.article.updatedAt).toBe(iso(NOW + 5001));
    world.now = NOW;
    const third = await update({ body: '3' });
    expect(third.article).toMatchObject({ body: '3', updatedAt: iso(NOW + 5002) });
    expect(world.bySlug.get('article-1')?.article.updatedAt).toBe(iso(NOW + 5002));
  });

  test('that somebody changed in between is done on what is there then', async () => {
    world.between = () => world.add(1, { slug: 'article-1', tagList: ['y'], description: 'theirs' });
    const { article } = await update({ body: 'mine' });
    expect(article).toMatchObject({ body: 'mine', description: 'theirs', tagList: ['y'] });
    expect(world.writes).toEqual(['update', 'update']);
  });

  test('that was renamed in between is not found by its old slug', async () => {
    world.between = () => {
      world.bySlug.delete('article-1');
      world.add(1, { slug: 'renamed' });
    };
    expect((await refusal(update({ body: 'mine' }))).status).toBe(404);
  });

  test('that was deleted in between is a 404', async () => {
    world.between = () => world.bySlug.clear();
    expect((await refusal(update({ body: 'mine' }))).status).toBe(404);
  });

  test('of another is a 403, of nobody a 404, and without a good token a 401 even so', async () => {
    expect(await refusal(update({ body: 'x' }, 'bob'))).toEqual({ status: 403, errors: { article: ['forbidden'] } });
    expect((await refusal(update({ body: 'x' }, 'ada', 'none'))).status).toBe(404);
    expect((await refusal(update({ body: 'x' }, 'forged', 'none'))).status).toBe(401);
    expect(world.writes).toEqual([]);
  });

  test('gives up where it never comes to rest', async () => {
    const ports = world.ports();
    const always = async () => ({ kind: 'changed' }) as const;
    const restless = { ...ports, articles: { ...ports.articles, update: always, delete: always } };
    await expect(updateArticle(restless, 'ada', 'article-1', { body: 'x' })).rejects.toThrow('kept changing');
    await expect(deleteArticle(restless, 'ada', 'article-1')).rejects.toThrow('kept changing');
  });
});

describe('deleting an article', () => {
  beforeEach(() => world.add(1));

  test('frees its slug and leaves word of when', async () => {
    await deleteArticle(world.ports(), 'ada', 'article-1');
    expect(world.bySlug.size).toBe(0);
    expect(world.tombstones).toEqual([iso(NOW)]);
  });

  test('that somebody changed in between is done on what is there then', async () => {
    world.between = () => world.add(1, { tagList: ['new'] });
    await deleteArticle(world.ports(), 'ada', 'article-1');
    expect(world.bySlug.size).toBe(0);
  });

  test('twice at once: one is done, the other finds nothing', async () => {
    const both = await Promise.allSettled([1, 2].map(() => deleteArticle(world.ports(), 'ada', 'article-1')));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(both).toContainEqual(
      expect.objectContaining({ reason: expect.objectContaining({ statusCode: 404 }) as object }),
    );
  });

  test('of another is a 403, of nobody a 404, and without a good token a 401 even so', async () => {
    const remove = (token: string, slug: string) => refusal(deleteArticle(world.ports(), token, slug));
    expect((await remove('bob', 'article-1')).status).toBe(403);
    expect((await remove('ada', 'none')).status).toBe(404);
    expect((await remove('forged', 'none')).status).toBe(401);
    expect(world.bySlug.size).toBe(1);
  });
});

describe('a favorite', () => {
  beforeEach(() => world.add(1));
  const set = (favorite: boolean, token = 'bob', slug = 'article-1') =>
    setFavorite(world.ports(), token, slug, favorite);

  test('twice is one, and so is taking it back; the author stays the author', async () => {
    expect((await set(true)).article).toMatchObject({ favorited: true, favoritesCount: 1, author });
    expect((await set(true)).article).toMatchObject({ favorited: true, favoritesCount: 1 });
    expect((await set(false)).article).toMatchObject({ favorited: false, favoritesCount: 0, author });
    expect((await set(false)).article).toMatchObject({ favorited: false, favoritesCount: 0 });
    expect(world.writes).toEqual(Array(4).fill('favorite'));
  });

  test('is announced before it is written, and left to expire where the article is gone by then', async () => {
    const announced = (favorite: boolean) => `${favorite} ${BOB.userId} ${articleIdOf(1)} ${iso(NOW)}`;
    world.between = () => expect(world.announced).toEqual([announced(true)]);
    await set(true);
    await set(false);
    expect(world.announced).toEqual([announced(true), announced(false)]);
    expect(world.removed).toEqual([]);
    world.between = () => world.bySlug.clear();
    expect((await refusal(set(true))).status).toBe(404);
    expect(world.removed).toEqual([`${BOB.userId} ${articleIdOf(1)}`]);
  });

  test.each([true, false])('that another request of the same user has set to %s first counts once', async (wanted) => {
    const edge = `${BOB.userId} ${articleIdOf(1)}`;
    const { article } = world.add(1, { favoritesCount: wanted ? 0 : 1 });
    if (!wanted) world.favorites.add(edge);
    world.between = () => {
      if (wanted) world.favorites.add(edge);
      else world.favorites.delete(edge);
      world.add(1, { favoritesCount: wanted ? 1 : 0 });
    };
    const favoritesCount = wanted ? 1 : 0;
    expect((await set(wanted)).article).toMatchObject({ favorited: wanted, favoritesCount });
    // The first read may have the count of after the other request already, and its edge of before.
    world.add(1, { favoritesCount });
    if (wanted) world.favorites.delete(edge);
    else world.favorites.add(edge);
    world.between = () => {
      if (wanted) world.favorites.add(edge);
      else world.favorites.delete(edge);
    };
    expect((await set(wanted)).article).toMatchObject({ slug: article.slug, favorited: wanted, favoritesCount });
  });

  test('is never shown as fewer than none, whatever moments its shards are read at', async () => {
    world.add(1, { favoritesCount: -1 });
    expect((await getArticle(world.ports(), undefined, 'article-1')).article.favoritesCount).toBe(0);
  });

  test('of what is not there, or is deleted meanwhile, is a 404; without a good token a 401', async () => {
    expect((await refusal(set(true, 'bob', 'none'))).status).toBe(404);
    expect((await refusal(set(true, 'forged', 'none'))).status).toBe(401);
    for (const favorite of [true, false]) {
      world.add(1);
      world.favorites.clear();
      if (!favorite) await set(true);
      world.between = () => world.bySlug.clear();
      expect((await refusal(set(favorite))).status).toBe(404);
    }
  });
});

describe('a change that took long', () => {
  const late = (ms: number) => (world.between = () => (world.now += ms));

  test.each([
    ['an update', () => updateArticle(world.ports(), 'ada', 'article-1', { body: 'new' })],
    ['a favorite', () => setFavorite(world.ports(), 'bob', 'article-1', true)],
  ])('is told once more before it is answered: %s', async (_, change) => {
    const { articleId } = world.add(1).article;
    world.now += 1;
    late(2_001);
    await change();
    expect(world.told).toEqual([`${articleId} ${iso(NOW + 2_002)}`]);
  });

  test('is told as of now where it goes on from a time far ahead, which readers pass over', async () => {
    const ahead = (ms: number) => world.add(1, { updatedAt: iso(NOW + ms) }).article.articleId;
    const change = () => updateArticle(world.ports(), 'ada', 'article-1', { body: 'new' });
    ahead(4_999);
    expect((await change()).article.updatedAt).toBe(iso(NOW + 5_000));
    expect(world.told).toEqual([]);
    const articleId = ahead(86_400_000);
    expect((await change()).article.updatedAt).toBe(iso(NOW + 86_400_001));
    expect(world.told).toEqual([`${articleId} ${iso(NOW)}`]);
  });

  test('is not where it took no longer than clocks may differ, nor where nothing was changed', async () => {
    world.add(1);
    world.now += 1;
    late(2_000);
    await updateArticle(world.ports(), 'ada', 'article-1', { body: 'new' });
    late(2_000);
    await setFavorite(world.ports(), 'bob', 'article-1', true);
    late(9_000);
    await updateArticle(world.ports(), 'ada', 'article-1', {});
    expect(world.told).toEqual([]);
  });
});
