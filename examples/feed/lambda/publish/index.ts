import { endpoint } from 'cdk-social-backend/http';
import { v7 } from 'uuid';
import { ENDPOINTS } from '../../contract';
import { CONTRACTS } from '../contracts';
import { userOf } from '../ids';
import { putPost } from '../tables';

const facts = ENDPOINTS.Publish;

export const handler = endpoint<typeof facts, CONTRACTS['Publish']>(
  facts,
  CONTRACTS.Publish,
  async ({ path, body }) => {
    const post = { id: v7(), author: userOf(path.userId), text: body.text };
    await putPost(post);
    return post;
  },
);
