import { newId } from '../../../../lambda/core/ids';
import { firstPost, firstTag } from '../../../support/first-posts';
import { expiredToken } from '../expired-token';
import { expectRefused, tagOf } from '../shapes';
import { deleteItem, mentioning, putItems, tableItems } from '../tables';
import { type PostsWorld, type Session, text } from '../world';

/** What happens seldom, and that rights are needed for. */
export function describeSeldom(world: PostsWorld): void {
  let user: Session;
  let other: Session;
  let stranger: Session;

  beforeAll(async () => {
    [user, other, stranger] = await world.signUps(3);
  }, 60_000);

  describe('a profile that no trigger has made', () => {
    beforeEach(() => deleteItem(world, { PK: `USER#${user.userId}`, SK: 'PROFILE' }));

    test('is made by the first look at it', async () => {
      const made = await world.me(user);
      expect(made).toMatchObject({ user_id: user.userId, email: user.email, display_name: null, bio: null });
      expect(await world.me(user)).toEqual(made);
    });

    test('is made by the first change', async () => {
      const bio = text('bio');
      const made = await world.updateMe(user, { bio });
      expect(made).toMatchObject({ user_id: user.userId, bio });
      expect(await world.me(user)).toEqual(made);
    });
  });

  test('a token that has expired is listed no more, and goes with the next', async () => {
    const expired = await expiredToken(world, user);
    expect(await world.tokens(user)).toEqual([]);
    expect(mentioning(await tableItems(world), expired.token_id)).not.toEqual([]);
    const next = await world.createToken(user, ['read:posts']);
    expect((await world.tokens(user)).map((token) => token.token_id)).toEqual([next.token_id]);
    expect(mentioning(await tableItems(world), expired.token_id)).toEqual([]);
  });

  describe('what the migration of the table has yet to come to', () => {
    const [postId, tagId] = [newId(), newId()];

    beforeAll(async () => {
      const allowed = [other.userId];
      const post = {
        id: postId,
        owner: user.userId,
        access: 'allowed_user',
        content: text('old'),
        tags: [tagId],
      } as const;
      await putItems(world, [...firstPost({ ...post, allowed }), firstTag(tagId, user.userId, 'public')]);
    });

    test('is read by its id by whoever may, with its tags and allowed users', async () => {
      const post = await world.readPost(other, postId);
      expect(post).toMatchObject({ post_id: postId, user_id: user.userId, tags: [{ tag_id: tagId }] });
      expect(await world.readPost(user, postId)).toEqual(post);
      expectRefused(await world.get(`/posts/${postId}`, stranger), 'not_found');
      expect((await world.get(`/posts/${postId}/tags`, other)).json).toMatchObject({ tags: [{ tag_id: tagId }] });
      expect(await world.allowedUsers(user, postId)).toEqual([other.userId]);
      expect(await world.readTag(other, tagId)).toMatchObject({ tag_id: tagId, access_type: 'public' });
    });

    test('is in no list, and nobody else may delete it', async () => {
      expect((await world.posts(user, { scope: 'all' })).map((post) => post.post_id)).not.toContain(postId);
      expectRefused(await world.delete(`/posts/${postId}`, other), 'forbidden');
    });
  });

  test('a tag is listed to others, found and put on posts for as long as it is public', async () => {
    const { tag_id: id } = await world.createTag(user, 'private');
    const listed = async () => (await world.tags(other, 'public')).some((tag) => tag.tag_id === id);
    const change = async (access: string) => tagOf(await world.put(`/tags/${id}`, user, { access_type: access }));
    expect(await listed()).toBe(false);
    expect((await change('public')).access_type).toBe('public');
    expect(await listed()).toBe(true);
    await world.readTag(other, id);
    const post = await world.createPost(other, { tags: [id] });
    expect((await change('private')).access_type).toBe('private');
    expect(await listed()).toBe(false);
    expectRefused(await world.get(`/tags/${id}`, other), 'not_found');
    // Whoever sees a post sees the names of all its tags.
    expect((await world.readPost(other, post.post_id)).tags.map((tag) => tag.tag_id)).toEqual([id]);
  });
}
