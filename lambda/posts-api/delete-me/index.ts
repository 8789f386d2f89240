import { DeleteMe as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { deleteMe } from '../domain/me';
import { deleteMePorts } from '../ports';
import type * as contract from './contract';

const ports = deleteMePorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials }) => deleteMe(ports, credentials) },
);
