import { UpdateAllowedUsers as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { updateAllowedUsers } from '../domain/posts';
import { postPorts } from '../ports';
import * as contract from './contract';

const ports = postPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, path, body }) => updateAllowedUsers(ports, credentials, path.postId, body.allowed_users) },
);
