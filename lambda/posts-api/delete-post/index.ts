import { DeletePost as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { deletePost } from '../domain/posts';
import { postPorts } from '../ports';
import * as contract from './contract';

const ports = postPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials, path }) => deletePost(ports, credentials, path.postId) },
);
