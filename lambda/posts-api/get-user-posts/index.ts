import { GetUserPosts as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { listUserPosts } from '../domain/lists';
import { listPorts } from '../ports';
import * as contract from './contract';
import { pageOf } from '../schemas/input';

const ports = listPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, path, query }) => listUserPosts(ports, credentials, path.userId, pageOf(query)) },
);
