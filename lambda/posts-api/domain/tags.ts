import { forbidden, notFound, unauthorized } from '../errors';
import { mayUseTag } from './access';
import { checkMigrated, type Principal, type Tag, type TagAccess } from './model';
import { type Ids, nextCursorOf, pageOf, type PageRequest, startOf } from './paging';
import { tagView } from './tag-view';
import { Busy } from '../../core/busy';
import { isUuid } from '../../core/ids';

/** Where lists of tags come from. */
export type TagSource = 'public' | { readonly ownerId: string };

/** What the rules about tags need of storage. */
export interface TagPorts {
  readonly tags: {
    /** Unless its owner is deleted. */
    create(tag: Tag): Promise<'done' | 'owner-gone'>;
    get(tagId: string): Promise<Tag | undefined>;
    /** Unless it is not any more what it was. */
    update(before: Tag, after: Tag): Promise<'done' | 'changed'>;
    /** It is gone for everybody; the posts that carry it lose it by the stream. */
    delete(tag: Tag): Promise<'done' | 'gone'>;
  };
  newId(): string;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What lists of tags need of storage. */
export interface TagListPorts {
  readonly tags: {
    /** Ids of what any of the sources lists, newest first, each once. */
    newest(sources: readonly TagSource[], before: string | undefined, max: number): Promise<Ids>;
    /** Those that are there, in their order. */
    read(tagIds: readonly string[]): Promise<Tag[]>;
  };
}

type TagReading = { readonly tags: Pick<TagPorts['tags'], 'get'> };

/** Tries of a change that others get in the way of. */
const ATTEMPTS = 8;

const iso = (time: number) => new Date(time).toISOString();

/** A tag that the caller may see; what is not there and what is somebody's own look the same. @throws HttpError 404 */
async function openTag(ports: TagReading, userId: string, tagId: string): Promise<Tag> {
  const tag = isUuid(tagId) ? await ports.tags.get(tagId) : undefined;
  if (!tag || !mayUseTag(tag, userId)) {
    throw notFound('tag');
  }
  return tag;
}

/** As `openTag`, for those who may change it. @throws HttpError 404, then 403 */
async function openOwnTag(ports: TagReading, userId: string, tagId: string): Promise<Tag> {
  const tag = await openTag(ports, userId, tagId);
  if (tag.ownerId !== userId) {
    throw forbidden('tag');
  }
  return tag;
}

/** Names need not be unique: a tag is its id. */
export async function createTag(
  ports: TagPorts,
  { userId }: Principal,
  input: { readonly name: string; readonly access_type: TagAccess },
) {
  const at = iso(ports.now());
  const tag: Tag = {
    tagId: ports.newId(),
    ownerId: userId,
    name: input.name,
    accessType: input.access_type,
    createdAt: at,
    updatedAt: at,
    version: 1,
  };
  if ((await ports.tags.create(tag)) === 'owner-gone') {
    throw unauthorized();
  }
  return tagView(tag);
}

export async function getTag(ports: TagReading, { userId }: Principal, tagId: string) {
  return tagView(await openTag(ports, userId, tagId));
}

/** Made private, it stays on the posts of others that carry it: who sees a post sees the names of its tags. */
export async function updateTag(
  ports: TagPorts,
  { userId }: Principal,
  tagId: string,
  input: { readonly name?: string; readonly access_type?: TagAccess },
) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await openOwnTag(ports, userId, tagId);
    checkMigrated(before);
    const { name = before.name, access_type: accessType = before.accessType } = input;
    if (name === before.name && accessType === before.accessType) {
      return tagView(before);
    }
    // Clocks differ: a change is not before the one that it follows.
    const updatedAt = iso(Math.max(ports.now(), Date.parse(before.updatedAt)));
    const after: Tag = { ...before, name, accessType, updatedAt, version: before.version + 1 };
    if ((await ports.tags.update(before, after)) === 'done') {
      return tagView(after);
    }
  }
  throw new Busy(`The tag kept changing in ${ATTEMPTS} attempts to change it`);
}

export async function deleteTag(ports: TagPorts, { userId }: Principal, tagId: string): Promise<void> {
  const tag = await openOwnTag(ports, userId, tagId);
  checkMigrated(tag);
  if ((await ports.tags.delete(tag)) === 'gone') {
    throw notFound('tag');
  }
}

type TagScope = 'all' | 'mine' | 'public';

const SCOPES: Readonly<
  Record<
    TagScope,
    {
      readonly sources: (userId: string) => readonly TagSource[];
      readonly shows: (tag: Tag, userId: string) => boolean;
    }
  >
> = {
  all: { sources: (ownerId) => ['public', { ownerId }], shows: mayUseTag },
  mine: { sources: (ownerId) => [{ ownerId }], shows: (tag, userId) => tag.ownerId === userId },
  public: { sources: () => ['public'], shows: (tag) => tag.accessType === 'public' },
};

/** Tags that the caller may use, newest first. */
export async function listTags(
  { tags }: TagListPorts,
  { userId }: Principal,
  scope: TagScope = 'all',
  page: PageRequest,
) {
  const binding = ['GetTags', userId, scope];
  const after = startOf(binding, page);
  const { sources, shows } = SCOPES[scope];
  const found = await pageOf<Tag>(
    {
      newest: (before, max) => tags.newest(sources(userId), before, max),
      load: async (ids) => (await tags.read(ids)).filter((tag) => shows(tag, userId)),
      idOf: ({ tagId }) => tagId,
    },
    page.limit,
    after,
  );
  return { tags: found.items.map(tagView), next_cursor: nextCursorOf(binding, found) };
}
