import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { expectRefused } from './posts/shapes';
import { putItems, tableItems } from './posts/tables';
import { newPost, type PostsWorld, type Session, text, usePosts } from './posts/world';
import { newId } from '../../lambda/core/ids';
import { PostsApi, TableMigration } from '../../src';
import { firstPost, firstProfile, firstTag } from '../support/first-posts';

/** Posts of the first layout, read, listed, changed and deleted over HTTP once their table is migrated. */

jest.setTimeout(60_000);

const folder = mkdtempSync(join(tmpdir(), 'posts-migration-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function synthesize(): string {
  const app = new App({ outdir: join(folder, 'cdk.out') });
  const stack = new Stack(app, 'Posts');
  const api = new PostsApi(stack, 'Api', { authFlows: { adminUserPassword: true }, alarms: false });
  new TableMigration(stack, 'Migration', { table: api.table, segments: 1, alarms: false });
  new CfnOutput(stack, 'Url', { value: api.url });
  return app.synth().directory;
}

async function migrate(world: PostsWorld) {
  const { app } = world.running;
  const command = (name: string) => app.invoke('Posts/Migration/Handler', { command: name });
  expect((await command('start')).functionError).toBeUndefined();
  await app.idle();
  return (await command('status')).payload;
}

describe('posts of the first layout', () => {
  const world = usePosts({ assembly: synthesize() });
  const [open, shared, closed, tagId] = Array.from({ length: 4 }, newId).sort();
  const content = text('old');
  let ann: Session;
  let bob: Session;

  beforeAll(async () => {
    [ann, bob] = await world.signUps(2);
    const post = { owner: ann.userId, content, tags: [tagId] };
    await putItems(world, [
      ...firstPost({ ...post, id: open, access: 'public' }),
      ...firstPost({ ...post, id: shared, access: 'allowed_user', allowed: [bob.userId] }),
      ...firstPost({ ...post, id: closed, access: 'private' }),
      firstTag(tagId, ann.userId, 'public'),
      firstProfile(ann.userId),
    ]);
  });

  const listed = async (by: Session, query: Parameters<PostsWorld['posts']>[1] = {}) =>
    (await world.posts(by, { scope: 'all', ...query })).map((post) => post.post_id);

  test('are not changed before it: who asks is to ask again, and nothing is written', async () => {
    const before = await tableItems(world);
    const refused = [
      await world.put(`/posts/${shared}`, ann, { name: text('new') }),
      await world.put(`/posts/${shared}/allowed-users`, ann, { allowed_users: [] }),
      await world.delete(`/posts/${shared}`, ann),
      await world.put(`/tags/${tagId}`, ann, { name: text('new') }),
      await world.delete(`/tags/${tagId}`, ann),
      await world.post('/posts', ann, newPost({ tags: [tagId] })),
    ];
    for (const answer of refused) expectRefused(answer, 'unavailable');
    expect(await tableItems(world)).toEqual(before);
  });

  test('are read by their ids before, and are in lists after it, for whom they were', async () => {
    const before = await world.readPost(bob, shared);
    expect(before).toMatchObject({ user_id: ann.userId, content, tags: [{ tag_id: tagId }] });
    expect(await listed(ann)).toEqual([]);
    expect(await migrate(world)).toMatchObject({ phase: 'done', failed: 0, kinds: { 'Post 1 to 2': { count: 3 } } });

    expect(await world.readPost(bob, shared)).toEqual(before);
    expect(await world.readTag(bob, tagId)).toMatchObject({ user_id: ann.userId });
    expect(await world.me(ann)).toMatchObject({ user_id: ann.userId, email: ann.email });
    // Newest first: ids are by time.
    const all = [closed, shared, open];
    expect(await listed(ann)).toEqual(all);
    expect(await listed(ann, { scope: 'mine' })).toEqual(all);
    expect(await listed(bob)).toEqual([shared, open]);
    expect(await listed(bob, { scope: 'shared' })).toEqual([shared]);
    expect((await world.postsOfTag(bob, tagId)).map((post) => post.post_id)).toEqual([shared, open]);
    expect((await world.tags(bob, 'public')).map((tag) => tag.tag_id)).toEqual([tagId]);
    expectRefused(await world.get(`/posts/${closed}`, bob), 'not_found');
  });

  test('are changed as any, in what they say and in who may see them', async () => {
    const changed = await world.updatePost(ann, open, { content: text('new'), access_type: 'private', tags: [] });
    expect(await world.readPost(ann, open)).toEqual(changed);
    expect(await listed(bob)).toEqual([shared]);
    expect(await world.setAllowedUsers(ann, shared, [])).toEqual([]);
    expectRefused(await world.get(`/posts/${shared}`, bob), 'not_found');
    expect(await listed(bob)).toEqual([]);
  });

  test('are deleted as any, with all that belongs to them', async () => {
    for (const id of [open, shared, closed]) await world.deletePost(ann, id);
    await world.deleteTag(ann, tagId);
    await world.settled();
    expect(await listed(ann)).toEqual([]);
    const left = (await tableItems(world)).filter((item) => !item.includes('MIGRATION#'));
    expect(left.filter((item) => [open, shared, closed, tagId].some((id) => item.includes(id)))).toEqual([]);
  });
});
