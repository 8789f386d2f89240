import type { Post, Tag } from './model';

/** The API's shapes, from the domain's. Field names and their order are the contract's. */

/** Tags by their ids. */
type Tags = ReadonlyMap<string, Pick<Tag, 'name'>>;

/** The tags of a post in its author's order; one that is gone, and not yet taken off the post, is not shown. */
export const postTagsView = (post: Pick<Post, 'tagIds'>, tags: Tags) =>
  post.tagIds.flatMap((tagId) => {
    const tag = tags.get(tagId);
    return tag ? [{ tag_id: tagId, name: tag.name }] : [];
  });

/** As lists show it: without the content. */
export const postSummary = (post: Post, tags: Tags) => ({
  post_id: post.postId,
  user_id: post.ownerId,
  name: post.name,
  access_type: post.accessType,
  tags: postTagsView(post, tags),
  created_at: post.createdAt,
  updated_at: post.updatedAt,
});

export const postView = (post: Post, tags: Tags, content: string) => ({ ...postSummary(post, tags), content });
