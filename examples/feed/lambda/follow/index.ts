import { endpoint } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import type { CONTRACTS } from '../contracts';
import { userOf } from '../ids';
import { putFollow } from '../tables';

const facts = ENDPOINTS.Follow;

export const handler = endpoint<typeof facts, CONTRACTS['Follow']>(facts, {}, async ({ path }) => {
  await putFollow(userOf(path.userId), userOf(path.followee));
});
