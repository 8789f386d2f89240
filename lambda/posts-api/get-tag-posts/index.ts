import { GetTagPosts as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { listTagPosts } from '../domain/lists';
import { listPorts } from '../ports';
import * as contract from './contract';
import { pageOf } from '../schemas/input';

const ports = listPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, path, query }) => listTagPosts(ports, credentials, path.tagId, pageOf(query)) },
);
