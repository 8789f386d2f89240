import { expiredToken } from '../expired-token';
import { expectRefused, tagOf } from '../shapes';
import { deleteItem, mentioning, tableItems } from '../tables';
import { type PostsWorld, type Session, text } from '../world';

/** What happens seldom, and that rights are needed for. */
export function describeSeldom(world: PostsWorld): void {
  let user: Session;
  let other: Session;

  beforeAll(async () => {
    [user, other] = await world.signUps(2);
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
