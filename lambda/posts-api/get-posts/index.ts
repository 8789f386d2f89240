import { GetPosts as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { listPosts } from '../domain/lists';
import { listPorts } from '../ports';
import * as contract from './contract';
import { pageOf } from '../schemas/input';

const ports = listPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, query }) => listPosts(ports, credentials, query, pageOf(query)) },
);
