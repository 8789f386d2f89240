import { CreatePost as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { createPost } from '../domain/posts';
import { postPorts } from '../ports';
import * as contract from './contract';

const ports = postPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, body }) => createPost(ports, credentials, body) },
);
