import { endpoint } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import type { CONTRACTS } from '../contracts';
import { postOf, userOf } from '../ids';
import { deletePost } from '../tables';

const facts = ENDPOINTS.DeletePost;

export const handler = endpoint<typeof facts, CONTRACTS['DeletePost']>(facts, {}, async ({ path }) => {
  await deletePost(userOf(path.userId), postOf(path.id));
});
