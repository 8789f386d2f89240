import type { EndpointFacts } from 'cdk-social-backend/http';

/** Every endpoint: the stack makes routes and functions from it, the handlers are typed by it. */
export const ENDPOINTS = {
  Publish: {
    method: 'POST',
    path: '/users/{userId}/posts',
    summary: 'Publish a post',
    tag: 'Posts',
    auth: 'deployment',
    input: ['body'],
    success: 201,
    errors: [404],
  },
  DeletePost: {
    method: 'DELETE',
    path: '/users/{userId}/posts/{id}',
    summary: 'Delete a post',
    tag: 'Posts',
    auth: 'deployment',
    success: 204,
    errors: [404],
  },
  Follow: {
    method: 'PUT',
    path: '/users/{userId}/follows/{followee}',
    summary: 'Follow a user',
    tag: 'Follows',
    auth: 'deployment',
    success: 204,
    errors: [404],
  },
  Unfollow: {
    method: 'DELETE',
    path: '/users/{userId}/follows/{followee}',
    summary: 'Unfollow a user',
    tag: 'Follows',
    auth: 'deployment',
    success: 204,
    errors: [404],
  },
  ReadFeed: {
    method: 'GET',
    path: '/users/{userId}/feed',
    summary: 'Posts of those whom a user follows, newest first',
    tag: 'Posts',
    auth: 'deployment',
    input: ['query'],
    success: 200,
    errors: [404],
  },
} as const satisfies Readonly<Record<string, EndpointFacts>>;

/** The index of follows by who follows. */
export const BY_FOLLOWER = 'byFollower';
