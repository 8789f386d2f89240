import type { Call } from './client';
import type { TestTables } from './engine';
import { postIdOf, principalOf, tagOf } from './post-samples';
import { tagIds, text, users } from './post-world';
import { seeded } from './seeded';
import { isBusy } from '../../lambda/core/busy';
import type { Key } from '../../lambda/core/dynamodb';
import { HttpError } from '../../lambda/core/http/errors';
import { type CleanUpMessage } from '../../lambda/posts-api/clean-up/messages';
import { type CleanUpPorts, handleMessage } from '../../lambda/posts-api/clean-up/use-case';
import type { PostAccess } from '../../lambda/posts-api/domain/model';
import {
  createPost,
  deletePost,
  getPost,
  type NewPost,
  type PostPorts,
  type PostStore,
  updateAllowedUsers,
  updatePost,
} from '../../lambda/posts-api/domain/posts';
import { GrantRepository } from '../../lambda/posts-api/repository/grants';
import { PostCleanUpRepository } from '../../lambda/posts-api/repository/post-clean-up';
import { PostRepository } from '../../lambda/posts-api/repository/posts';
import { TagCleanUpRepository } from '../../lambda/posts-api/repository/tag-clean-up';
import { TAG } from '../../lambda/social-table/post-entities';
import {
  allowedUserKey,
  postContentKey,
  postGrantsKey,
  postKey,
  postTagKey,
  publicPostKey,
  sharedPostKey,
  taggedPostKey,
  userPostKey,
} from '../../lambda/social-table/post-keys';

/** What a post is by the requests that were granted, in their order. */
interface State {
  readonly owner: string;
  readonly name: string;
  readonly content: string;
  readonly accessType: PostAccess;
  readonly tagIds: readonly string[];
  readonly readers: readonly string[];
}
type Request = Partial<NewPost>;

/** What a request makes of a post, by the words of the API. */
function after(state: State, { name, content, access_type, tags, allowed_users }: Request): State {
  const accessType = access_type ?? state.accessType;
  const kept = state.accessType === 'allowed_user' ? state.readers : [];
  const readers = (allowed_users ?? kept).filter((user) => user !== state.owner);
  return {
    owner: state.owner,
    name: name ?? state.name,
    content: content ?? state.content,
    accessType,
    tagIds: tags ?? state.tagIds,
    readers: accessType === 'allowed_user' ? readers : [],
  };
}

const maySee = (state: State | undefined, user: string) =>
  state !== undefined && (state.owner === user || state.accessType === 'public' || state.readers.includes(user));

/** A call before it is sent. */
interface Waiting {
  go(): void;
  fail(error: Error): void;
}

/** How often what was looked for has happened. */
export interface Tally {
  reads: number;
  seen: number;
  /** Reads beside which the post changed. */
  moving: number;
  broken: number;
  messages: number;
  lists: number;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Owners change a few posts, others read them, and the clean-up works on messages that come late, twice and in any
 * order. All of it is cut into its calls of DynamoDB, which are sent one by one in any order, or break off before.
 */
export class PostSimulation {
  public readonly tally: Tally = { reads: 0, seen: 0, moving: 0, broken: 0, messages: 0, lists: 0 };
  /** Each post's states, the first before there was one. */
  private readonly history = new Map<string, (State | undefined)[]>();
  private readonly waiting: Waiting[] = [];
  private readonly queue: CleanUpMessage[] = [];
  private readonly lists = new Set<string>();
  private readonly random: () => number;
  private readonly repository: PostRepository;
  private running = 0;
  private inFlight = 0;
  private clock = Date.UTC(2026, 0, 1);
  private made = 0;
  private fault?: unknown;

  public constructor(
    private readonly tables: TestTables,
    seed: number,
    private readonly many: number,
  ) {
    this.random = seeded(seed);
    this.repository = new PostRepository(tables);
    tables.before = () => new Promise<void>((go, fail) => void this.waiting.push({ go, fail }));
    tables.after = (call, done) => {
      this.inFlight--;
      if (done) this.stream(call);
    };
  }

  /** Runs so many requests to their end, and all that follows from them. */
  public async run(requests: number): Promise<void> {
    const tags = tagIds(40).map((tagId) => TAG.item([tagId], { ...tagOf(0, 1), tagId }));
    await this.tables.put(this.tables.social, tags);
    let left = requests;
    let breaks = 8;
    let turns = 0;
    while (left > 0 || this.running > 0 || this.queue.length > 0) {
      const choices: (() => void)[] = [];
      if (left > 0 && this.running < 6) {
        choices.push(() => {
          left--;
          this.start(this.request());
        });
      }
      if (this.queue.length > 0 && this.running < 8) choices.push(() => this.deliver());
      if (this.waiting.length > 0) {
        const resume = () => {
          const [call] = this.waiting.splice(Math.floor(this.random() * this.waiting.length), 1);
          if (breaks > 0 && this.random() < 0.05) {
            breaks--;
            this.tally.broken++;
            call.fail(new Error('broken off'));
          } else {
            this.inFlight++;
            call.go();
          }
        };
        choices.push(resume, resume, resume);
      }
      if (choices.length > 0) this.pick(choices)();
      do await turn();
      while (this.inFlight > 0);
      if (this.fault) throw this.fault;
      if (++turns > TURNS) throw new Error('It comes to no end');
    }
  }

  /** What there must be, and what there is. */
  public async items(): Promise<{ wanted: string[]; found: string[] }> {
    const wanted = [...this.history].flatMap(([postId, states]) => {
      const state = states[states.length - 1];
      return state ? this.keysOf(postId, state) : [];
    });
    const items = await this.tables.items(this.tables.social);
    const found = items.filter(({ entityType }) => entityType !== TAG.type).map((item) => text(item as Key));
    return { wanted: wanted.map(text).sort(), found: found.sort() };
  }

  /** Posts whose read by their owner is not what was asked for. */
  public async wrong(): Promise<string[]> {
    this.tables.before = () => undefined;
    const looked = [...this.history].map(async ([postId, states]) => {
      const state = states[states.length - 1];
      const post = await this.repository.find(postId);
      const { name, content, accessType, tagIds: tags } = state ?? {};
      const same =
        JSON.stringify([name, content, accessType, tags]) ===
        JSON.stringify([post?.name, post?.content, post?.accessType, post?.tagIds]);
      return same && !post?.grantsPending ? [] : [postId];
    });
    return (await Promise.all(looked)).flat();
  }

  private keysOf(postId: string, { owner, accessType, tagIds: tags, readers }: State): Key[] {
    return [
      ...[postKey(postId), postContentKey(postId), userPostKey(owner, postId)],
      ...(accessType === 'public' ? [publicPostKey(postId)] : []),
      ...tags.flatMap((tagId) => [postTagKey(postId, tagId), taggedPostKey(tagId, postId)]),
      ...readers.flatMap((user) => [allowedUserKey(postId, user), sharedPostKey(user, postId)]),
    ];
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)];
  }

  private some(list: readonly string[]): string[] {
    return list.filter(() => this.random() < 0.5);
  }

  private start(work: Promise<unknown>): void {
    this.running++;
    work
      .catch((error: unknown) => {
        const expected = error instanceof HttpError || isBusy(error) || (error as Error).message === 'broken off';
        if (!expected) this.fault = error;
      })
      .finally(() => this.running--);
  }

  /** Tables have streams: what two of its records say. */
  private stream({ operation, input }: Call): void {
    const writes = (input.TransactItems ?? []) as Record<string, { Item?: WireKey; Key?: WireKey }>[];
    for (const write of operation === 'TransactWriteItems' ? writes : []) {
      const [[kind, { Item, Key: key = Item }]] = Object.entries(write);
      const postId = String(key?.PK.S).slice('POST#'.length);
      if (key?.SK.S === 'DETAILS' && kind === 'Delete') {
        this.queue.push({ type: 'post-deleted', postId, ownerId: 'somebody' });
        this.lists.delete(postId);
      }
      if (key?.SK.S === postGrantsKey(postId).SK && kind === 'Delete') this.lists.delete(postId);
      if (key?.SK.S === postGrantsKey(postId).SK && kind === 'Put' && !this.lists.has(postId)) {
        this.lists.add(postId);
        this.tally.lists++;
        this.queue.push({ type: 'post-grants-changed', postId });
      }
    }
  }

  private deliver(): void {
    const [message] = this.queue.splice(Math.floor(this.random() * this.queue.length), 1);
    this.tally.messages++;
    if (this.random() < 0.2) this.queue.push(message);
    const work = handleMessage(
      {
        posts: new PostCleanUpRepository(this.tables),
        grants: new GrantRepository(this.tables),
        tags: new TagCleanUpRepository(this.tables),
        // Of users there are no messages here.
        users: {} as CleanUpPorts['users'],
        send: (next) => Promise.resolve(void this.queue.push(next)),
        timeIsShort: () => this.random() < 0.3,
      },
      message,
    );
    this.start(work.catch(() => void this.queue.push(message)));
  }

  /** What an owner may ask for, all of it or some. */
  private asked(): NewPost {
    const access_type = this.pick(['private', 'public', 'allowed_user', 'allowed_user'] as const);
    const readers = [...this.some(READERS), ...(this.random() < 0.4 ? users(this.many).slice(this.pick([0, 20])) : [])];
    const tags = this.pick([[], this.some(tagIds(3)), tagIds(20), tagIds(20, 20)]);
    const number = ++this.made;
    const given = { name: `Name ${number}`, content: `Content ${number}`, tags, access_type };
    return access_type === 'allowed_user' ? { ...given, allowed_users: readers } : given;
  }

  private request(): Promise<unknown> {
    const posts = [...this.history.keys()];
    const kind = this.random();
    if (posts.length === 0 || (kind < 0.1 && posts.length < 3)) return this.create();
    const postId = this.pick(posts);
    if (kind < 0.45) return this.read(postId, this.pick([1, 2, 3, 4]));
    const owner = Number(postId.slice(-1)) % 2 === 0 ? 1 : 2;
    const asked = this.asked();
    const { name, content, tags, access_type, allowed_users } = asked;
    if (kind < 0.5) {
      return deletePost(
        this.ports(postId, () => undefined),
        principalOf(owner),
        postId,
      );
    }
    if (kind < 0.65) {
      const readers = allowed_users ?? [];
      return updateAllowedUsers(this.changing(postId, { allowed_users: readers }), principalOf(owner), postId, readers);
    }
    const request = this.pick<Request>([
      asked,
      { name },
      { content },
      { tags },
      allowed_users ? { content, access_type, allowed_users } : { content, access_type },
      { name, tags, access_type: 'private' },
    ]);
    return updatePost(this.changing(postId, request), principalOf(owner), postId, request);
  }

  private create(): Promise<unknown> {
    const postId = postIdOf(this.history.size + 1);
    const owner = Number(postId.slice(-1)) % 2 === 0 ? 1 : 2;
    const asked = this.asked();
    const blank = { name: '', content: '', accessType: 'private', tagIds: [], readers: [] } as const;
    this.history.set(postId, [undefined]);
    const ports = this.ports(postId, () => after({ ...blank, owner: principalOf(owner).userId }, asked));
    return createPost(ports, principalOf(owner), asked);
  }

  private changing(postId: string, request: Request): PostPorts {
    return this.ports(postId, (state) => state && after(state, request));
  }

  /** Storage that notes what a request makes of the post, as soon as it is stored. */
  private ports(postId: string, next: (state: State | undefined) => State | undefined): PostPorts {
    const states = this.history.get(postId) ?? [];
    const note = async <T extends { readonly kind: string }>(write: Promise<T>) => {
      const outcome = await write;
      if (outcome.kind === 'done') states.push(next(states[states.length - 1]));
      return outcome;
    };
    const { repository } = this;
    const posts: PostStore = {
      create: (post, userIds) => note(repository.create(post, userIds)),
      update: (before, update) => note(repository.update(before, update)),
      delete: (post) => note(repository.delete(post)),
      find: (id) => repository.find(id),
      findDetails: (id) => repository.findDetails(id),
      context: (all, viewer) => repository.context(all, viewer),
      grants: (id) => repository.grants(id),
      tags: (ids) => repository.tags(ids),
    };
    return { posts, newId: () => postId, now: () => this.clock++, pause: () => Promise.resolve() };
  }

  /** A read must show the post as it was at one moment of its time, to who might see it at that very moment. */
  private async read(postId: string, reader: number): Promise<void> {
    const states = this.history.get(postId) ?? [];
    const begun = states.length - 1;
    const viewer = principalOf(reader);
    const answer = await getPost({ posts: this.repository }, viewer, postId).catch((error: unknown) => {
      if (error instanceof HttpError) return undefined;
      throw error;
    });
    const moments = states.slice(begun);
    this.tally.reads++;
    this.tally.moving += moments.length > 1 ? 1 : 0;
    this.tally.seen += answer ? 1 : 0;
    const explains = (state: State | undefined) =>
      answer === undefined
        ? !maySee(state, viewer.userId)
        : maySee(state, viewer.userId) &&
          JSON.stringify([state?.name, state?.content, state?.accessType, state?.tagIds]) ===
            JSON.stringify([answer.name, answer.content, answer.access_type, answer.tags.map(({ tag_id }) => tag_id)]);
    if (!moments.some(explains)) {
      this.fault = new Error(`${viewer.username} read ${JSON.stringify(answer)} of ${JSON.stringify(moments)}`);
    }
  }
}

/** Far more than any run takes. */
const TURNS = 20_000;

const READERS = [1, 2, 3, 4].map((number) => principalOf(number).userId);

type WireKey = Record<'PK' | 'SK', { readonly S: string }>;
