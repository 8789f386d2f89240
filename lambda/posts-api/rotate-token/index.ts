import { RotateToken as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { rotateToken } from '../domain/tokens';
import { tokenPorts } from '../ports';
import type * as contract from './contract';

const ports = tokenPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials, path }) => rotateToken(ports, credentials, path.tokenId) },
);
