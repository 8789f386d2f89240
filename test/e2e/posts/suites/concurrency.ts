import { randomUUID } from 'node:crypto';
import type { Answer } from '../../client';
import { expectNoContent } from '../../shapes';
import { times } from '../../world';
import {
  type AccessType,
  errorOf,
  expectRefused,
  newAllowedUsersOf,
  postOf,
  postsOf,
  tagsOfPostOf,
  tokenOf,
} from '../shapes';
import { mentioning, tableItems } from '../tables';
import type { Credential, PostFields, PostsWorld, Session } from '../world';
import { newPost, text } from '../world';

/** All at once: as many requests under way as there are results. */
const together = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> => times(count, make, count);

/** Statuses that nobody has to be told of: what one request may be told because of another. */
function expectStatuses(answers: readonly Answer[], allowed: readonly number[]): void {
  const others = answers.filter(({ status }) => !allowed.includes(status));
  expect(others.map(({ request, status, text: body }) => `${request}: ${status} ${body.slice(0, 200)}`)).toEqual([]);
  answers.filter(({ status }) => status >= 400).forEach(errorOf);
}

/** Changes of one thing side by side: no error of the server, and in the end the state of some order. */
export function describeConcurrency(world: PostsWorld): void {
  let owner: Session;
  let readers: Session[];
  /** The owner's session, and a token of theirs: two clients that know nothing of each other. */
  let clients: readonly Credential[];

  beforeAll(async () => {
    [owner, ...readers] = await world.signUps(4);
    clients = [owner, await world.createToken(owner, ['read:posts', 'write:posts'])];
  }, 60_000);

  const update = (index: number, postId: string, changes: PostFields): Promise<Answer> =>
    world.put(`/posts/${postId}`, clients[index % 2], changes);

  const allow = (index: number, postId: string, users: readonly string[]): Promise<Answer> =>
    world.put(`/posts/${postId}/allowed-users`, clients[index % 2], { allowed_users: users });

  /** Who of the readers sees a post, asked for it and for their lists. */
  const seenBy = async (postId: string): Promise<readonly string[]> => {
    const found = await together(readers.length, async (index) => {
      const { status } = await world.get(`/posts/${postId}`, readers[index]);
      const shared = await world.posts(readers[index], { scope: 'all' });
      return { status, listed: shared.some(({ post_id: id }) => id === postId) };
    });
    found.forEach(({ status, listed }) => expect([status, listed]).toEqual([listed ? 200 : 404, listed]));
    return readers.filter((_, index) => found[index].listed).map(({ userId }) => userId);
  };

  describe('edits of one post', () => {
    test('of its tags leave the tags of one of them, and every list of a tag agrees', async () => {
      const tags = await together(6, () => world.createTag(owner));
      const ids = tags.map(({ tag_id: id }) => id);
      const { post_id: postId } = await world.createPost(owner, { tags: ids.slice(0, 2), access_type: 'public' });
      const wanted = ids.map((id, index) => [id, ids[(index + 2) % 6], ids[(index + 3) % 6]]);
      const answers = await together(6, (index) => update(index, postId, { tags: wanted[index] }));
      expectStatuses(answers, [200, 409]);
      const last = (await world.readPost(owner, postId)).tags.map(({ tag_id: id }) => id);
      const made = wanted.filter((_, index) => answers[index].status === 200);
      expect(made).toContainEqual(last);
      expect(tagsOfPostOf(await world.get(`/posts/${postId}/tags`, owner)).map(({ tag_id: id }) => id)).toEqual(last);
      for (const id of ids) {
        const listed = (await world.postsOfTag(owner, id)).map(({ post_id }) => post_id);
        expect([id, listed]).toEqual([id, last.includes(id) ? [postId] : []]);
      }
    });

    test('of its access leave one of them, and everybody sees what it says', async () => {
      const { post_id: postId } = await world.createPost(owner);
      const [reader, another] = readers.map(({ userId }) => userId);
      const wanted: PostFields[] = [
        { access_type: 'public' },
        { access_type: 'private' },
        { access_type: 'allowed_user', allowed_users: [reader] },
        { access_type: 'allowed_user', allowed_users: [reader, another] },
        { access_type: 'public' },
        { access_type: 'private' },
      ];
      const answers = await together(6, (index) => update(index, postId, wanted[index]));
      expectStatuses(answers, [200, 409]);
      expect(answers.some(({ status }) => status === 200)).toBe(true);
      const { access_type: access } = await world.readPost(owner, postId);
      const allowed = [...(await world.allowedUsers(owner, postId))].sort();
      const last = wanted.filter(
        ({ access_type: one, allowed_users: users = [] }) =>
          one === access && JSON.stringify([...users].sort()) === JSON.stringify(allowed),
      );
      expect([access, allowed, last.length > 0]).toEqual([access, allowed, true]);
      const everyone = readers.map(({ userId }) => userId);
      expect([...(await seenBy(postId))].sort()).toEqual(access === 'public' ? everyone.sort() : allowed);
      const isPublic = (await world.posts(owner)).some(({ post_id: id }) => id === postId);
      expect(isPublic).toBe(access === 'public');
    });

    test('of its allowed users leave the list of one of them', async () => {
      const { post_id: postId } = await world.createPost(owner, { access_type: 'allowed_user' });
      const [one, two, three] = readers.map(({ userId }) => userId);
      const wanted = [[one], [two], [one, three], [], [two, three], [three]];
      const answers = await together(6, (index) => allow(index, postId, wanted[index]));
      expectStatuses(answers, [200, 409]);
      const last = [...(await world.allowedUsers(owner, postId))].sort();
      const made = wanted.filter((_, index) => answers[index].status === 200).map((list) => [...list].sort());
      expect(made).toContainEqual(last);
      expect([...(await seenBy(postId))].sort()).toEqual(last);
    });

    test('of more allowed users than a transaction takes do so too, while the grants are made and after', async () => {
      const { post_id: postId } = await world.createPost(owner, { access_type: 'allowed_user' });
      const [one, two] = readers.map(({ userId }) => userId);
      const many = [one, ...Array.from({ length: 150 }, () => randomUUID())];
      const wanted = [many, [two], many.slice(1)];
      const answers = await together(3, (index) => allow(index, postId, wanted[index]));
      expectStatuses(answers, [200, 409]);
      const made = wanted.filter((_, index) => answers[index].status === 200).map((list) => [...list].sort());
      const last = [...(await world.allowedUsers(owner, postId))].sort();
      expect(made).toContainEqual(last);
      for (const at of ['before', 'after']) {
        const { status } = await world.get(`/posts/${postId}`, readers[0]);
        expect([at, status]).toEqual([at, last.includes(one) ? 200 : 404]);
        expect([...(await world.allowedUsers(owner, postId))].sort()).toEqual(last);
        await world.settled();
      }
      expect([...(await seenBy(postId))].sort()).toEqual(last.filter((id) => [one, two].includes(id)));
    });

    test('of different fields lose none', async () => {
      const tag = await world.createTag(owner);
      for (let round = 0; round < 2; round++) {
        const { post_id: postId } = await world.createPost(owner);
        const changes = [
          { name: text('name') },
          { content: text('content') },
          { tags: [tag.tag_id] },
          { access_type: 'public' as AccessType },
        ];
        const answers = await together(4, (index) => update(index, postId, changes[index]));
        expectStatuses(answers, [200, 409]);
        const made = changes.filter((_, index) => answers[index].status === 200);
        const { tags, ...post } = await world.readPost(owner, postId);
        expect({ ...post, tags: tags.map(({ tag_id: id }) => id) }).toMatchObject(Object.assign({}, ...made) as object);
      }
    });
  });

  describe('grants and revocations', () => {
    test('race with reads: seen or not, and as the last of them says', async () => {
      const [reader, second] = readers;
      const { post_id: postId } = await world.createPost(owner, { access_type: 'allowed_user' });
      for (const users of [[reader.userId], [], [second.userId, reader.userId], [second.userId]]) {
        const [changed, ...reads] = await together(9, (index) =>
          index === 0 ? allow(0, postId, users) : world.get(`/posts/${postId}`, index % 2 ? reader : second),
        );
        expect(newAllowedUsersOf(changed)).toEqual(users);
        expectStatuses(reads, [200, 404]);
        expect(await seenBy(postId)).toEqual(readers.map(({ userId }) => userId).filter((id) => users.includes(id)));
      }
    });

    test('of what is public race with lists: no list fails, and it is gone from all when it is private', async () => {
      const { post_id: postId } = await world.createPost(owner, { access_type: 'public' });
      const paths = ['/posts', '/posts?scope=all', `/users/${owner.userId}/posts`];
      const [changed, ...reads] = await together(7, (index) =>
        index === 0
          ? update(1, postId, { access_type: 'private' })
          : world.get(paths[index % 3], readers[index % readers.length]),
      );
      postOf(changed);
      expectStatuses(reads, [200]);
      expect(await seenBy(postId)).toEqual([]);
      for (const path of paths) expect((await world.get(path, readers[0])).text).not.toContain(postId);
    });

    test('of a token race with its use: when it is revoked, it is refused', async () => {
      const { token, token_id: tokenId } = await world.createToken(owner, ['read:posts']);
      const [revoked, ...uses] = await together(7, (index) =>
        index === 0 ? world.delete(`/me/tokens/${tokenId}`, owner) : world.get('/me', { token }),
      );
      expectNoContent(revoked);
      expectStatuses(uses, [200, 401]);
      expectRefused(await world.get('/me', { token }), 'unauthorized');
    });

    test('of a token that is rotated by many leave one secret', async () => {
      const { token_id: tokenId, token } = await world.createToken(owner, ['read:posts']);
      const answers = await together(5, () => world.post(`/me/tokens/${tokenId}/rotate`, owner));
      expectStatuses(answers, [200, 409]);
      const made = answers.filter(({ status }) => status === 200).map((answer) => tokenOf(answer, 200).token);
      const uses = await together(made.length, (index) => world.get('/me', { token: made[index] }));
      expect(uses.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(uses.filter(({ status }) => status === 401)).toHaveLength(made.length - 1);
      expectRefused(await world.get('/me', { token }), 'unauthorized');
    });
  });

  describe('deletes', () => {
    test('of a post under edits leave nothing of it', async () => {
      const tag = await world.createTag(owner);
      const { post_id: postId } = await world.createPost(owner, { access_type: 'public', tags: [tag.tag_id] });
      const answers = await together(9, (index) => {
        if (index === 4) return world.delete(`/posts/${postId}`, owner);
        if (index % 2) return allowing(index, postId);
        return update(index, postId, { tags: index % 4 ? [] : [tag.tag_id], name: text('name') });
      });
      expectNoContent(answers[4]);
      expectStatuses(answers, [200, 204, 404, 409]);
      expectRefused(await world.get(`/posts/${postId}`, owner), 'not_found');
      expect(await world.postsOfTag(owner, tag.tag_id)).toEqual([]);
      expect((await world.posts(owner, { scope: 'all' })).map(({ post_id: id }) => id)).not.toContain(postId);
      await world.settled();
      expect(mentioning(await tableItems(world), postId)).toEqual([]);
    });

    /** Makes it one for allowed users, and names two. */
    const allowing = (index: number, postId: string): Promise<Answer> =>
      update(index, postId, { access_type: 'allowed_user', allowed_users: [readers[0].userId, randomUUID()] });

    test('of one post by many: one has done it', async () => {
      const { post_id: postId } = await world.createPost(owner);
      const answers = await together(6, (index) => world.delete(`/posts/${postId}`, clients[index % 2]));
      expectStatuses(answers, [204, 404]);
      expect(answers.some(({ status }) => status === 204)).toBe(true);
    });

    test('of a tag while posts take it leave it on none', async () => {
      const { tag_id: tagId } = await world.createTag(owner);
      const { post_id: postId } = await world.createPost(owner, { tags: [tagId] });
      const answers = await together(8, (index) => {
        if (index === 3) return world.delete(`/tags/${tagId}`, owner);
        if (index % 2) return update(index, postId, { tags: [tagId] });
        return world.post('/posts', clients[index % 2], newPost({ tags: [tagId] }));
      });
      expectNoContent(answers[3]);
      expectStatuses(answers, [200, 201, 204, 400, 409]);
      expectRefused(await world.get(`/tags/${tagId}`, owner), 'not_found');
      await world.settled();
      const posts = await world.posts(owner, { scope: 'mine' });
      expect(posts.flatMap(({ tags }) => tags).map(({ tag_id: id }) => id)).not.toContain(tagId);
      expect(mentioning(await tableItems(world), tagId)).toEqual([]);
    });

    test('of a user under writes of theirs leave nothing of them', async () => {
      const user = await world.signUp();
      const shared = await world.createPost(owner, { access_type: 'allowed_user', allowed_users: [user.userId] });
      const token = await world.createToken(user, ['read:posts', 'write:posts']);
      await world.createPost(user, { access_type: 'public', tags: [(await world.createTag(user)).tag_id] });
      const answers = await together(10, (index) => {
        if (index === 5) return world.delete('/me', user);
        const by = index % 2 ? user : token;
        if (index % 3 === 0) return world.post('/tags', by, { name: text('tag'), access_type: 'public' });
        return world.post('/posts', by, newPost({ access_type: 'public' }));
      });
      expectNoContent(answers[5]);
      expectStatuses(answers, [201, 204, 401, 404, 409]);
      for (const by of [user, token]) expectRefused(await world.get('/me', by), 'unauthorized');
      await world.settled();
      expect(postsOf(await world.get(`/users/${user.userId}/posts`, owner)).rows).toEqual([]);
      const left = mentioning(await tableItems(world), user.userId).filter((item) => !item.includes(shared.post_id));
      // That they are gone is kept for as long as something of theirs could be under way.
      expect(left.filter((item) => !item.includes('DELETED_USER#'))).toEqual([]);
      expect(left).toHaveLength(1);
    });
  });
}
