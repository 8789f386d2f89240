import { GetAllowedUsers as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { getAllowedUsers } from '../domain/grants';
import { grantPorts } from '../ports';
import * as contract from './contract';
import { pageOf } from '../schemas/input';

const ports = grantPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, path, query }) => getAllowedUsers(ports, credentials, path.postId, pageOf(query)) },
);
