import { CommentRepository, COMMENTS_LIMIT } from './comments';
import { toSlug } from './items';
import { LOST, retryingClient, WireError } from '../../../test/support/client';
import { operations, type TestTables, useTestTables, weakReads } from '../../../test/support/engine';
import { articleOf, profileOf, slugOf, userIdOf } from '../../../test/support/samples';
import { commentKey, followKey, profileKey, slugKey } from '../../social-table/keys';
import type { Comment, SlugRecord } from '../domain/model';

const [ADA, BOB, EVE] = [1, 2, 3].map(userIdOf);
const ARTICLE = articleOf(1, 1);
const RECORD = slugOf(ARTICLE);
const AT = '2026-01-01T00:00:00.000Z';

let tables: TestTables;
let comments: CommentRepository;

useTestTables(async (fresh) => {
  tables = fresh;
  comments = new CommentRepository(tables);
  const { slug: _, commenterIds, ...slug } = RECORD;
  expect(commenterIds).toEqual([]);
  await tables.put(tables.social, [
    ...[ADA, BOB, EVE].map((userId) => ({ ...profileKey(userId), userId, username: userId, tokenVersion: 1 })),
    { ...slugKey(RECORD.slug), ...slug },
    { ...followKey(ADA, BOB) },
  ]);
});

const comment = (commentId: number, authorId = BOB): Comment => ({
  commentId,
  authorId,
  body: `Comment ${commentId}`,
  createdAt: AT,
  updatedAt: AT,
});
const add = (...numbers: number[]) => Promise.all(numbers.map((number) => comments.add(ARTICLE, comment(number))));
const record = async (): Promise<SlugRecord> =>
  toSlug(RECORD.slug, (await tables.item(tables.social, slugKey(RECORD.slug))) ?? {});
const seenBy = (userId: string) => ({ viewer: { ...profileOf(0), userId }, changed: new Set<string>() });
const VISITOR = { changed: new Set<string>() };
const ids = async () => (await comments.list(await record(), VISITOR)).comments.map((c) => c.commentId);

test('comments are listed newest first, by their numbers and not by their digits', async () => {
  await add(9, 100_000_000_000_000, 1000, 10);
  expect(await ids()).toEqual([100_000_000_000_000, 1000, 10, 9]);
  expect(weakReads(tables.calls, 'USER#')).toEqual([]);
});

test('a comment is listed at once, as it was written, and is not overwritten by another of its id', async () => {
  await expect(comments.add(ARTICLE, comment(5))).resolves.toBe(true);
  await expect(comments.add(ARTICLE, { ...comment(5, EVE), body: 'mine' })).resolves.toBe(false);
  expect((await comments.list(await record(), VISITOR)).comments).toEqual([comment(5)]);
});

test('comments of another article are not listed, nor what else lies with one', async () => {
  await add(5);
  await comments.add(articleOf(2, 1), comment(6));
  await tables.put(tables.social, [{ PK: `ARTICLE#${ARTICLE.articleId}`, SK: 'TEXT' }]);
  await tables.put(tables.social, [{ PK: `FAVORITED_BY#${ARTICLE.articleId}`, SK: `FAVORITE#${BOB}` }]);
  expect(await ids()).toEqual([5]);
});

test('no more are listed than an answer carries: the newest', async () => {
  const all = Array.from({ length: COMMENTS_LIMIT + 5 }, (_, n) => n + 1);
  await tables.put(
    tables.social,
    all.map((n) => ({ ...commentKey(ARTICLE.articleId, n), ...comment(n) })),
  );
  const listed = await ids();
  expect(listed).toHaveLength(COMMENTS_LIMIT);
  expect([listed[0], listed[listed.length - 1]]).toEqual([COMMENTS_LIMIT + 5, 6]);
});

test('authors come with the comments, and which of them the viewer follows', async () => {
  await comments.add(ARTICLE, comment(1, BOB));
  await comments.add(ARTICLE, comment(2, EVE));
  const { authors, following } = await comments.list(RECORD, seenBy(ADA));
  expect([...authors.keys()].sort()).toEqual([BOB, EVE]);
  expect([...following]).toEqual([BOB]);
  expect((await comments.list(RECORD, seenBy(EVE))).following.size).toBe(0);
  expect((await comments.list(RECORD, VISITOR)).following.size).toBe(0);
});

test('the viewer’s own profile is the one that is known, whether the slug remembers them or not', async () => {
  await comments.add(ARTICLE, comment(1, EVE));
  await tables.put(tables.social, [{ ...followKey(EVE, EVE) }]);
  const { viewer } = seenBy(EVE);
  for (const known of [RECORD, { ...RECORD, commenterIds: [EVE] }]) {
    const { authors, following } = await comments.list(known, { viewer, changed: new Set() });
    expect([...authors]).toEqual([[EVE, viewer]]);
    expect([...following]).toEqual([EVE]);
  }
});

test('authors who changed lately are read consistently, and those whom a read lacks are asked for again', async () => {
  for (const [n, userId] of [BOB, EVE].entries()) await comments.add(ARTICLE, comment(n, userId));
  const [eve] = [{ ...profileKey(EVE), userId: EVE, username: 'eve', tokenVersion: 1 }];
  await tables.delete(tables.social, [profileKey(EVE)]);
  tables.calls.length = 0;
  const batches = () => tables.calls.filter(({ operation }) => operation === 'BatchGetItem');
  tables.before = () => (batches().length === 3 ? tables.put(tables.social, [eve]) : undefined);
  const { authors } = await comments.list(RECORD, { changed: new Set([BOB]) });
  expect(new Map([...authors].map(([id, { username }]) => [id, username]))).toEqual(
    new Map([
      [BOB, BOB],
      [EVE, 'eve'],
    ]),
  );
  expect(batches().map((call) => [JSON.stringify(call).includes(BOB), weakReads([call]).length === 0])).toEqual([
    [true, true],
    [false, false],
    [false, true],
  ]);
});

test('authors whom the slug remembers are read beside the comments: one call less to wait for', async () => {
  await comments.add(ARTICLE, comment(1, BOB));
  await comments.remember(await record(), BOB);
  await comments.remember(await record(), BOB);
  expect((await record()).commenterIds).toEqual([BOB]);
  const known = await record();
  tables.calls.length = 0;
  const { authors, following } = await comments.list(known, seenBy(ADA));
  expect([[...authors.keys()], [...following]]).toEqual([[BOB], [BOB]]);
  expect(operations(tables.calls).sort()).toEqual(['BatchGetItem', 'Query', 'Query']);
});

test('the slug remembers no more than fifteen, also when many come at once', async () => {
  const known = await record();
  await Promise.all(Array.from({ length: 30 }, (_, n) => comments.remember(known, userIdOf(100 + n))));
  const full = await record();
  expect(full.commenterIds.length).toBeGreaterThan(0);
  expect(full.commenterIds.length).toBeLessThanOrEqual(15);
  for (let n = 0; n < 20; n++) await comments.remember(await record(), userIdOf(200 + n));
  expect((await record()).commenterIds).toHaveLength(15);
  tables.calls.length = 0;
  await comments.remember(await record(), userIdOf(300));
  expect(tables.calls).toEqual([]);
});

test('a slug that is gone, or leads elsewhere by now, is not made to remember', async () => {
  await comments.remember({ ...RECORD, slug: 'gone' }, BOB);
  expect(await tables.item(tables.social, slugKey('gone'))).toBeUndefined();
  await comments.remember({ ...RECORD, articleId: articleOf(2, 1).articleId }, BOB);
  expect((await record()).commenterIds).toEqual([]);
});

test('a comment that is written again after a lost answer is the one that is there', async () => {
  await expect(comments.add(ARTICLE, comment(5))).resolves.toBe(true);
  await expect(comments.add(ARTICLE, comment(5))).resolves.toBe(true);
  await expect(comments.add(ARTICLE, { ...comment(5), body: 'another' })).resolves.toBe(false);
  await expect(comments.add(ARTICLE, { ...comment(5), createdAt: '2026-01-01T00:00:01.000Z' })).resolves.toBe(false);
  expect(await ids()).toEqual([5]);
});

test.each([
  ['done after an answer that was lost', 'done', [LOST]],
  ['done after an error of DynamoDB itself', 'done', [new WireError('InternalServerError', {}, 500)]],
  ['gone after it was throttled', 'gone', [new WireError('ProvisionedThroughputExceededException')]],
  ['gone at once', 'gone', []],
])('the deletion of a comment that is not there is %s', async (_, outcome, first) => {
  const { db, calls } = retryingClient(3, ...first, new WireError('ConditionalCheckFailedException'));
  await expect(new CommentRepository({ ...tables, db }).delete('a', 5, BOB)).resolves.toBe(outcome);
  expect(calls).toHaveLength(first.length + 1);
});

test('only who wrote a comment deletes it; what stood in the way is told without a read first', async () => {
  await add(5);
  tables.calls.length = 0;
  const remove = (id: number, author: string) => comments.delete(ARTICLE.articleId, id, author);
  await expect(remove(5, EVE)).resolves.toBe('not-own');
  await expect(remove(6, BOB)).resolves.toBe('gone');
  await expect(remove(5, BOB)).resolves.toBe('done');
  await expect(remove(5, BOB)).resolves.toBe('gone');
  expect(operations(tables.calls)).toEqual(Array(4).fill('DeleteItem'));
  expect(await ids()).toEqual([]);
});
