import { DeleteToken as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { deleteToken } from '../domain/tokens';
import { tokenPorts } from '../ports';
import type * as contract from './contract';

const ports = tokenPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials, path }) => deleteToken(ports, credentials, path.tokenId) },
);
