import type { Contracts } from 'cdk-social-backend/http';
import { feedAnswer, followPath, newPost, page, postAnswer, postPath, userPath } from './schemas';
import type { ENDPOINTS } from '../contract';

/** The schemas of every endpoint: a missing or a superfluous one does not compile. */
export const CONTRACTS = {
  Publish: { path: userPath, body: newPost, answer: postAnswer },
  DeletePost: { path: postPath },
  Follow: { path: followPath },
  Unfollow: { path: followPath },
  ReadFeed: { path: userPath, query: page, answer: feedAnswer },
} satisfies Contracts<typeof ENDPOINTS>;
export type CONTRACTS = typeof CONTRACTS;
