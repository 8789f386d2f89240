import * as z from 'zod/mini';

/** The schemas of what the API answers. */

const id = () => z.string();
const time = () => z.iso.datetime({ precision: 3 });
const cursor = z.nullable(z.string());

const tagOfPost = z.object({ tag_id: id(), name: z.string() });
const post = {
  post_id: id(),
  user_id: id(),
  name: z.string(),
  access_type: z.enum(['private', 'public', 'allowed_user']),
  tags: z.array(tagOfPost),
  created_at: time(),
  updated_at: time(),
};
export const postSummary = z.object(post);
export const postAnswer = z.object({ ...post, content: z.string() });
export const postsAnswer = z.object({ posts: z.array(postSummary), next_cursor: cursor });
export const postTagsAnswer = z.object({ tags: z.array(tagOfPost) });
export const allowedUsersAnswer = z.object({ allowed_users: z.array(id()), next_cursor: cursor });
/** All of them, as they were given. */
export const allowedUsersSet = z.object({ allowed_users: z.array(id()) });

export const tagAnswer = z.object({
  tag_id: id(),
  user_id: id(),
  name: z.string(),
  access_type: z.enum(['private', 'public']),
  created_at: time(),
  updated_at: time(),
});
export const tagsAnswer = z.object({ tags: z.array(tagAnswer), next_cursor: cursor });

export const meAnswer = z.object({
  user_id: id(),
  email: z.nullable(z.string()),
  email_verified: z.boolean(),
  display_name: z.nullable(z.string()),
  bio: z.nullable(z.string()),
  created_at: time(),
  updated_at: time(),
});

const token = {
  token_id: id(),
  name: z.string(),
  scopes: z.array(z.enum(['read:posts', 'write:posts'])),
  created_at: time(),
  expires_at: time(),
  last_used_at: z.nullable(time()),
};
const tokenSummary = z.object(token);
/** With the token itself: the only time that it is shown. */
export const tokenAnswer = z.object({ ...token, token: z.string() });
export const tokensAnswer = z.object({ tokens: z.array(tokenSummary), next_cursor: cursor });

export const errorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    fields: z.optional(z.record(z.string(), z.array(z.string()))),
  }),
});
