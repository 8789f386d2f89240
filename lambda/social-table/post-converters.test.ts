import { VERSIONED_KINDS } from './post-converters';
import { POST, POST_CONTENT } from './post-entities';
import { postContentKey, postKey } from './post-keys';
import { firstPost, firstProfile, firstTag } from '../../test/support/first-posts';
import { type Item, relatedOf, Unconvertible, upConvert, upToDate } from '../core/dynamodb';

const [created, updated] = ['2024-05-01T10:00:00.000Z', '2024-06-01T10:00:00.000Z'];
const of = (entityType: string, PK: string, SK: string, more: Item = {}) => ({ PK, SK, entityType, ...more });

/** What a table of these is after its migration: what was there of what an item turns into stays. */
function migrated(items: readonly Item[]): Item[] {
  const now = new Map<string, Item>();
  const text = ({ PK, SK }: Item) => `${String(PK)} ${String(SK)}`;
  for (const item of items) {
    const wanted = relatedOf(VERSIONED_KINDS, item);
    const related = items.filter(({ PK, SK }) => PK === wanted?.pk && String(SK).startsWith(wanted?.prefix ?? ''));
    for (const one of upConvert(VERSIONED_KINDS, item, related)?.items ?? [item]) now.set(text(one), one);
  }
  return [...now.values()].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}

const POSTS = firstPost({
  id: 'p1',
  owner: 'ann',
  access: 'allowed_user',
  content: 'Dear Bob',
  tags: ['t1', 't2'],
  allowed: ['bob'],
});

test('a post becomes what lists show, its content apart, and edges by owner, reader and tag', () => {
  expect(migrated(POSTS)).toEqual([
    of('AllowedUser', 'POST#p1', 'ALLOWED_USER#bob'),
    of('PostContent', 'POST#p1', 'CONTENT', { content: 'Dear Bob' }),
    of('Post', 'POST#p1', 'DETAILS', {
      postId: 'p1',
      ownerId: 'ann',
      name: 'Post p1',
      accessType: 'allowed_user',
      tagIds: ['t1', 't2'],
      createdAt: created,
      updatedAt: updated,
      version: 1,
      schemaVersion: 2,
    }),
    of('PostTag', 'POST#p1', 'TAG#t1'),
    of('PostTag', 'POST#p1', 'TAG#t2'),
    of('SharedPost', 'SHARED_POSTS#bob', 'POST#p1'),
    of('TaggedPost', 'TAG_POSTS#t1', 'POST#p1'),
    of('TaggedPost', 'TAG_POSTS#t2', 'POST#p1'),
    of('UserPost', 'USER_POSTS#ann', 'POST#p1'),
  ]);
});

test('a public post is in the list of public posts, a private one is not', () => {
  const edges = (access: 'public' | 'private') =>
    migrated(firstPost({ id: 'p0a', owner: 'ann', access, content: '' })).map(({ PK }) => PK);
  expect(edges('public')).toContain('PUBLIC_POSTS#2');
  expect(edges('private')).toEqual(['POST#p0a', 'POST#p0a', 'USER_POSTS#ann']);
});

test('a tag has edges, and a profile has no e-mail address any more', () => {
  const times = { createdAt: created, updatedAt: updated, version: 1 };
  expect(migrated([firstTag('t0a', 'ann', 'public'), firstProfile('ann')])).toEqual([
    of('PublicTag', 'PUBLIC_TAGS#2', 'TAG#t0a'),
    of('Tag', 'TAG#t0a', 'DETAILS', { tagId: 't0a', ownerId: 'ann', name: 'Tag t0a', accessType: 'public', ...times }),
    of('UserProfile', 'USER#ann', 'PROFILE', { userId: 'ann', ...times }),
    of('UserTag', 'USER_TAGS#ann', 'TAG#t0a'),
  ]);
});

test('a profile that was changed before its migration stays changed', () => {
  const changes = { displayName: 'Ann', bio: 'Hello', updatedAt: '2026-01-01T00:00:00.000Z', version: 3 };
  expect(migrated([{ ...firstProfile('ann'), ...changes }])).toEqual([
    of('UserProfile', 'USER#ann', 'PROFILE', { userId: 'ann', createdAt: created, ...changes }),
  ]);
});

test('what has been migrated, and items of others, stay as they are', () => {
  const others = [
    of('Profile', 'USER#u', 'PROFILE', { username: 'u' }),
    of('Article', 'AUTHOR#u', 'ARTICLE#1'),
    { PK: 'MINE#1', SK: 'DETAILS', user_id: 'u' },
    of('TagCount', 'TAGS#1', 'TAG#x'),
  ];
  const now = migrated([...POSTS, firstTag('t1', 'ann', 'private'), firstProfile('ann'), ...others]);
  expect(now.map((item) => upConvert(VERSIONED_KINDS, item))).toEqual(now.map(() => undefined));
});

test('a post that was not migrated yet is read as if it were', () => {
  const read = upToDate(VERSIONED_KINDS, POSTS);
  expect(POST.read(read(postKey('p1'))!)).toMatchObject({ name: 'Post p1', tagIds: ['t1', 't2'], schemaVersion: 2 });
  expect(POST_CONTENT.read(read(postContentKey('p1'))!)).toMatchObject({ content: 'Dear Bob' });
});

test.each<[string, Item, string]>([
  ['an owner', { user_id: undefined }, 'Post has no text user_id'],
  ['a name that is a text', { name: 7 }, 'Post has no text name'],
  ['a known access type', { access_type: 'friends' }, 'Post has none of private, public, allowed_user as access_type'],
  ['a time', { created_at: undefined, updated_at: undefined }, 'Post has no text created_at'],
  ['content that is a text', { content: {} }, 'Post has no text content'],
])('a post without %s is left, and why is told without what it holds', (_, change, reason) => {
  const item = { ...POSTS[0], ...change };
  expect(() => upConvert(VERSIONED_KINDS, item)).toThrow(new Unconvertible(reason));
});
