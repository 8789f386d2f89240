import type { ArticlePorts } from './articles';
import { openArticle } from './articles';
import type { ArticleRef, Comment, Profile, SlugRecord } from './model';
import { type Changes, type Unsettled, unsettledSince } from './settling';
import { commentView } from './views';
import { logWarning } from '../../core/logger';
import { forbidden, notFound } from '../errors';

/** What the rules about comments need of storage. */
export interface CommentPorts extends Pick<ArticlePorts, 'sessions' | 'now'> {
  readonly comments: {
    add(article: ArticleRef, comment: Comment): Promise<boolean>;
    /** A hint: a comment is made whether this works or not. */
    remember(record: SlugRecord, userId: string): Promise<void>;
    list(
      record: SlugRecord,
      unsettled: Unsettled,
    ): Promise<{
      readonly comments: readonly Comment[];
      readonly authors: ReadonlyMap<string, Profile>;
      readonly following: ReadonlySet<string>;
    }>;
    /** Ids of users that were changed since a moment, among others. */
    changedSince(since: number): Promise<Changes>;
    delete(articleId: string, commentId: number, authorId: string): Promise<'done' | 'gone' | 'not-own'>;
  };
  newNumericId(): number;
}

export async function addComment(ports: CommentPorts, token: string, slug: string, body: string) {
  const { viewer, record, followsSelf } = await openArticle(ports, token, slug, { followsSelf: true });
  const now = new Date(ports.now()).toISOString();
  const add = async (): Promise<Comment> => {
    // Two comments of one millisecond and the same 12 random bits: the second takes another id.
    for (;;) {
      const comment = {
        commentId: ports.newNumericId(),
        authorId: viewer.userId,
        body,
        createdAt: now,
        updatedAt: now,
      };
      if (await ports.comments.add(record, comment)) {
        return comment;
      }
    }
  };
  const [comment] = await Promise.all([
    add(),
    ports.comments
      .remember(record, viewer.userId)
      .catch((error: unknown) => logWarning('a commenter was not remembered', error)),
  ]);
  return { comment: commentView(comment, viewer, followsSelf) };
}

/** Bytes of comments that one answer carries at most: a function's answer may have 6 MB, the rest of it included. */
const ANSWER_BYTES = 5_000_000;

/** What a comment takes in a function's answer, where the body is a JSON string within JSON. */
const bytesOf = (view: unknown) => Buffer.byteLength(JSON.stringify(JSON.stringify(view)));

export async function listComments(
  ports: Pick<CommentPorts, 'sessions' | 'comments' | 'now'>,
  token: string | undefined,
  slug: string,
) {
  const [{ viewer, slug: record }, changed] = await Promise.all([
    ports.sessions.load(token, { slug }),
    ports.comments.changedSince(unsettledSince(ports.now())),
  ]);
  if (!record) {
    throw notFound('article');
  }
  const { comments, authors, following } = await ports.comments.list(record, { viewer, changed });
  const views: ReturnType<typeof commentView>[] = [];
  let bytes = 0;
  for (const comment of comments) {
    const author = authors.get(comment.authorId);
    if (author) {
      const view = commentView(comment, author, following.has(comment.authorId));
      bytes += bytesOf(view);
      if (bytes > ANSWER_BYTES) {
        break;
      }
      views.push(view);
    }
  }
  return { comments: views };
}

/** Only who wrote a comment may delete it. */
export async function deleteComment(
  ports: Pick<CommentPorts, 'sessions' | 'comments'>,
  token: string,
  slug: string,
  id: string,
): Promise<void> {
  const { viewer, record } = await openArticle(ports, token, slug);
  const commentId = /^\d{1,16}$/.test(id) ? Number(id) : undefined;
  const outcome =
    commentId === undefined || !Number.isSafeInteger(commentId)
      ? 'gone'
      : await ports.comments.delete(record.articleId, commentId, viewer.userId);
  if (outcome === 'gone') {
    throw notFound('comment');
  }
  if (outcome === 'not-own') {
    throw forbidden('comment');
  }
}
