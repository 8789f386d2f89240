import { endpoint } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import type { CONTRACTS } from '../contracts';
import { userOf } from '../ids';
import { deleteFollow } from '../tables';

const facts = ENDPOINTS.Unfollow;

export const handler = endpoint<typeof facts, CONTRACTS['Unfollow']>(facts, {}, async ({ path }) => {
  await deleteFollow(userOf(path.userId), userOf(path.followee));
});
