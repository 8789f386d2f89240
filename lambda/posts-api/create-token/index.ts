import { CreateToken as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { createToken } from '../domain/tokens';
import { tokenMakerPorts } from '../ports';
import * as contract from './contract';

const ports = tokenMakerPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, body }) => createToken(ports, credentials, body) },
);
