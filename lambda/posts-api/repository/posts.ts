import { readContext, readTags } from './context';
import { becomes, isOfFirstLayout } from './first-layout';
import { toPost } from './items';
import { madeGrants } from './post-edges';
import { fit, isUnchanged, PostWrites, without } from './post-writes';
import type { Tables } from './tables';
import { Busy } from '../../core/busy';
import {
  batchGet,
  type Item,
  type Key,
  type NamedWrites,
  NOT_THERE,
  transactWrite,
  TransactionRefused,
} from '../../core/dynamodb';
import { POST, POST_CONTENT, POST_SCHEMA_VERSION, PUBLIC_POST, USER_POST } from '../../social-table/post-entities';
import { deletedUserKey, postContentKey, postKey, publicPostKey, userPostKey } from '../../social-table/post-keys';
import type { FullPost, Post, PostContext, Tag } from '../domain/model';
import type { CreateOutcome, PostStore, PostUpdate, WriteOutcome } from '../domain/posts';

/** Reads of a post whose content changes while it is read. */
const READS = 5;

/** Posts with content, edges and grants: each change is one transaction, and what does not fit it is the clean-up's. */
export class PostRepository implements PostStore {
  private readonly writes: PostWrites;

  public constructor(private readonly tables: Tables) {
    this.writes = new PostWrites(tables.social);
  }

  /** Makes a post. @param userIds who may see it beside its owner */
  public async create(post: FullPost, userIds: readonly string[]): Promise<CreateOutcome> {
    const { content, ...details } = post;
    const { postId, ownerId, accessType, tagIds, version } = details;
    const { put, check } = this.writes.table;
    const make = (grants: NamedWrites, grantsPending?: true): NamedWrites => ({
      owner: check(deletedUserKey(ownerId), NOT_THERE),
      post: put(
        POST.item([postId], {
          ...details,
          grantsPending,
          contentVersion: version,
          schemaVersion: POST_SCHEMA_VERSION,
        }),
      ),
      content: put(POST_CONTENT.item([postId], { content, postVersion: version })),
      ownPost: put(USER_POST.item([ownerId, postId], {})),
      publicPost: accessType === 'public' ? put(PUBLIC_POST.item([postId], {})) : undefined,
      ...this.writes.addTags(post, tagIds),
      ...grants,
    });
    const direct = make(this.writes.grant(postId, userIds, version));
    const refused = await this.write(
      fit(direct) ? direct : make(this.writes.wantGrants(postId, userIds, version), true),
    );
    return refused ? { kind: refused.failed('owner') ? 'owner-gone' : 'changed' } : { kind: 'done' };
  }

  /** A post and its content as they were at one moment. */
  public async find(postId: string): Promise<FullPost | undefined> {
    for (let read = 0; read < READS; read++) {
      const [details, text] = await this.read([postKey(postId), postContentKey(postId)]);
      if (!details) {
        return undefined;
      }
      if (isOfFirstLayout(details)) {
        return this.unmigrated(details, postId);
      }
      if (text) {
        const { content, postVersion } = POST_CONTENT.read(text);
        // Two items of one call may be read on both sides of a write that has put a secret into a post as it closed it.
        if (postVersion === POST.read(details).contentVersion) {
          const post = toPost(details);
          return post && { ...post, content };
        }
      }
    }
    throw new Busy(`A post kept changing in ${READS} reads`);
  }

  /** A post without its content. */
  public async findDetails(postId: string): Promise<Post | undefined> {
    const [details] = await this.read([postKey(postId)]);
    return details && (toPost(details) ?? this.unmigrated(details, postId));
  }

  /** A post that the migration has yet to come to, as it is after it; undefined where that makes no sense of it. */
  private async unmigrated(details: Item, postId: string): Promise<FullPost | undefined> {
    const now = await becomes(this.tables, details);
    const [item, text] = [now(postKey(postId)), now(postContentKey(postId))];
    const post = item && toPost(item);
    return post && text && { ...post, content: POST_CONTENT.read(text).content, isUnmigrated: true };
  }

  public context(posts: readonly Post[], viewerId: string): Promise<PostContext> {
    return readContext(this.tables, posts, viewerId);
  }

  public tags(tagIds: readonly string[]): Promise<ReadonlyMap<string, Tag>> {
    return readTags(this.tables, tagIds);
  }

  public grants(postId: string): Promise<readonly string[]> {
    return madeGrants(this.tables, postId);
  }

  /**
   * Changes a post that is still as it was read. Where not all fits the transaction, what the clean-up can work out by
   * itself is left to it, with a list of who may see the post: first the grants, then the edges of tags that go.
   */
  public async update(before: Post, update: PostUpdate): Promise<WriteOutcome> {
    const { postId } = before;
    const { tagIds } = update.post;
    const dropped = this.writes.dropTags(postId, without(before.tagIds, tagIds));
    const added = this.writes.addTags(before, without(tagIds, before.tagIds));
    const direct = { ...this.details(before, update), ...added, ...dropped, ...this.changeGrants(before, update) };
    if (fit(direct)) {
      return this.outcome(direct);
    }
    const wanted = update.grants?.wanted ?? (before.grantsPending ? undefined : await this.grants(postId));
    const pending = {
      ...this.details(before, update, true),
      ...added,
      ...(wanted ? this.writes.wantGrants(postId, wanted, before.version + 1) : {}),
    };
    const all = { ...pending, ...dropped };
    return this.outcome(fit(all) ? all : pending);
  }

  /** Deletes a post that is still as it was read, with all that it says is there; grants are left to the clean-up. */
  public delete(post: Post): Promise<WriteOutcome> {
    const { postId, ownerId, accessType, tagIds } = post;
    const { remove } = this.writes.table;
    return this.outcome({
      post: remove(postKey(postId), isUnchanged(post)),
      content: remove(postContentKey(postId)),
      ownPost: remove(userPostKey(ownerId, postId)),
      publicPost: accessType === 'public' ? remove(publicPostKey(postId)) : undefined,
      ...this.writes.dropTags(postId, tagIds),
    });
  }

  /** The post itself, with its content and its edge among public posts. */
  private details(before: Post, { post, content }: PostUpdate, grantsPending?: true): NamedWrites {
    const { postId } = before;
    const { name, accessType, tagIds, updatedAt } = post;
    const { put, update, remove } = this.writes.table;
    const version = before.version + 1;
    const contentVersion = content === undefined ? undefined : version;
    const set = { name, accessType, tagIds, updatedAt, contentVersion, grantsPending };
    const wasPublic = before.accessType === 'public';
    const isPublic = accessType === 'public';
    return {
      post: update(postKey(postId), { set, add: { version: 1 } }, isUnchanged(before)),
      content: content === undefined ? undefined : put(POST_CONTENT.item([postId], { content, postVersion: version })),
      publicPost: isPublic && !wasPublic ? put(PUBLIC_POST.item([postId], {})) : undefined,
      publicPostGone: wasPublic && !isPublic ? remove(publicPostKey(postId)) : undefined,
    };
  }

  /** Grants by themselves; of a post whose list has yet to be worked off, a list in its place. */
  private changeGrants({ postId, version: before, grantsPending }: Post, { grants }: PostUpdate): NamedWrites {
    if (!grants) {
      return {};
    }
    const { wanted, made } = grants;
    const version = before + 1;
    return grantsPending
      ? this.writes.wantGrants(postId, wanted, version)
      : {
          ...this.writes.grant(postId, without(wanted, made), version),
          ...this.writes.revoke(postId, without(made, wanted)),
        };
  }

  private async outcome(writes: NamedWrites): Promise<WriteOutcome> {
    return { kind: (await this.write(writes)) ? 'changed' : 'done' };
  }

  /** @returns the refusal, where a condition did not hold */
  private async write(writes: NamedWrites): Promise<TransactionRefused | undefined> {
    try {
      await transactWrite(this.tables.db, writes);
      return undefined;
    } catch (error) {
      if (error instanceof TransactionRefused) {
        return error;
      }
      throw error;
    }
  }

  private read(keys: readonly Key[]) {
    return batchGet(
      this.tables.db,
      keys.map((key) => ({ table: this.tables.social, key })),
    );
  }
}
