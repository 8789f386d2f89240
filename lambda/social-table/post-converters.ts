import {
  ALLOWED_USER,
  POST,
  POST_CONTENT,
  POST_SCHEMA_VERSION,
  POST_TAG,
  PUBLIC_POST,
  PUBLIC_TAG,
  SHARED_POST,
  TAG,
  TAGGED_POST,
  USER_POST,
  USER_PROFILE,
  USER_TAG,
  type UserProfileItem,
} from './post-entities';
import { ALLOWED_USER_PREFIX, POST_PREFIX, TAG_PREFIX } from './post-keys';
import { SOCIAL_KEY_PREFIXES as PREFIX } from '../../src/social-table/key-prefixes';
import { type Item, Unconvertible, type VersionedKind } from '../core/dynamodb';

/**
 * Posts, tags and profiles as they were first laid out, and how they are now.
 *
 * At first: content within the post; attributes in snake case; lists by the attributes of indexes (`GSI1PK` and so on);
 * tag and post in each other's partitions; e-mail addresses in profiles. Such items have no `entityType`.
 *
 * Now: content in an item of its own, which lists never read; lists are edges in the base table, consistent with what
 * they list; e-mail addresses are in the user pool alone.
 */
const isFirst = (item: Item) => item.entityType === undefined;

/** What comes after a prefix; undefined where a key has another. */
const after = (key: unknown, prefix: string): string | undefined =>
  typeof key === 'string' && key.startsWith(prefix) && key.length > prefix.length
    ? key.slice(prefix.length)
    : undefined;

function text(item: Item, kind: string, name: string): string {
  const value = item[name];
  if (typeof value !== 'string') {
    throw new Unconvertible(`${kind} has no text ${name}`);
  }
  return value;
}

function oneOf<T extends string>(item: Item, kind: string, name: string, values: readonly T[]): T {
  const found = values.find((value) => value === item[name]);
  if (found === undefined) {
    throw new Unconvertible(`${kind} has none of ${values.join(', ')} as ${name}`);
  }
  return found;
}

const timesOf = (item: Item, kind: string) => ({
  createdAt: text(item, kind, 'created_at'),
  updatedAt: typeof item.updated_at === 'string' ? item.updated_at : text(item, kind, 'created_at'),
});

function convertPost(item: Item, related: readonly Item[]): Item[] {
  const postId = after(item.PK, PREFIX.post)!;
  const ownerId = text(item, 'Post', 'user_id');
  const accessType = oneOf(item, 'Post', 'access_type', ['private', 'public', 'allowed_user']);
  const tagIds = related.flatMap(({ SK }) => after(SK, TAG_PREFIX) ?? []);
  return [
    POST.item([postId], {
      postId,
      ownerId,
      name: text(item, 'Post', 'name'),
      accessType,
      tagIds,
      ...timesOf(item, 'Post'),
      version: 1,
      schemaVersion: 2,
    }),
    POST_CONTENT.item([postId], { content: item.content === undefined ? '' : text(item, 'Post', 'content') }),
    USER_POST.item([ownerId, postId], {}),
    ...(accessType === 'public' ? [PUBLIC_POST.item([postId], {})] : []),
  ];
}

function convertTag(item: Item): Item[] {
  const tagId = after(item.PK, PREFIX.tag)!;
  const ownerId = text(item, 'Tag', 'user_id');
  const accessType = oneOf(item, 'Tag', 'access_type', ['private', 'public']);
  return [
    TAG.item([tagId], {
      tagId,
      ownerId,
      name: text(item, 'Tag', 'name'),
      accessType,
      ...timesOf(item, 'Tag'),
      version: 1,
    }),
    USER_TAG.item([ownerId, tagId], {}),
    ...(accessType === 'public' ? [PUBLIC_TAG.item([tagId], {})] : []),
  ];
}

/** One that has yet to be migrated may be changed: what that has written into it stays. */
function convertProfile(item: Item): Item[] {
  const userId = after(item.PK, PREFIX.profile)!;
  const { displayName, bio, updatedAt, version } = item as Partial<UserProfileItem>;
  const changed = Object.entries({ displayName, bio, updatedAt, version }).filter(([, value]) => value !== undefined);
  const times = timesOf(item, 'UserProfile');
  return [USER_PROFILE.item([userId], { userId, ...times, version: 1, ...Object.fromEntries(changed) })];
}

/** An edge of the first layout: the ids that it joins, and what it is now. */
const edge = (
  type: string,
  prefixes: readonly [pk: string, sk: string],
  convert: (pkId: string, skId: string) => readonly Item[],
): VersionedKind => {
  const idsOf = ({ PK, SK }: Item) => [after(PK, prefixes[0]), after(SK, prefixes[1])];
  return {
    type,
    schemaVersion: 2,
    upConverters: {
      1: (item) => {
        const [pkId, skId] = idsOf(item);
        return convert(pkId!, skId!);
      },
    },
    isKind: (item) => isFirst(item) && !idsOf(item).includes(undefined),
  };
};

/** The kinds of this table whose items may be of an earlier schema version: readers and `TableMigration` bring them up. */
export const VERSIONED_KINDS: readonly VersionedKind[] = [
  {
    type: 'Post',
    schemaVersion: POST_SCHEMA_VERSION,
    upConverters: { 1: convertPost },
    isKind: ({ PK, SK }) => after(PK, PREFIX.post) !== undefined && SK === 'DETAILS',
    related: ({ PK }) => ({ pk: String(PK), prefix: TAG_PREFIX }),
  },
  {
    type: 'Tag',
    schemaVersion: 2,
    upConverters: { 1: convertTag },
    isKind: (item) => isFirst(item) && after(item.PK, PREFIX.tag) !== undefined && item.SK === 'DETAILS',
  },
  {
    type: 'UserProfile',
    schemaVersion: 2,
    upConverters: { 1: convertProfile },
    isKind: (item) => isFirst(item) && after(item.PK, PREFIX.profile) !== undefined && item.SK === 'PROFILE',
  },
  edge('AllowedUser', [PREFIX.post, ALLOWED_USER_PREFIX], (postId, userId) => [
    ALLOWED_USER.item([postId, userId], {}),
    SHARED_POST.item([userId, postId], {}),
  ]),
  edge('PostTag', [PREFIX.post, TAG_PREFIX], (postId, tagId) => [
    POST_TAG.item([postId, tagId], {}),
    TAGGED_POST.item([tagId, postId], {}),
  ]),
  // Gone from the tag's own partition, which holds the tag alone.
  edge('TaggedPost', [PREFIX.tag, POST_PREFIX], (tagId, postId) => [TAGGED_POST.item([tagId, postId], {})]),
];
