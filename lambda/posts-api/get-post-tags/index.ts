import { GetPostTags as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { getPostTags } from '../domain/posts';
import { postPorts } from '../ports';
import * as contract from './contract';

const ports = postPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials, path }) => getPostTags(ports, credentials, path.postId) },
);
