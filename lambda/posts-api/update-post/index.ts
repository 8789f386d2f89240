import { UpdatePost as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { updatePost } from '../domain/posts';
import { postPorts } from '../ports';
import * as contract from './contract';

const ports = postPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, path, body }) => updatePost(ports, credentials, path.postId, body) },
);
