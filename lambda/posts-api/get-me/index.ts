import { GetMe as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { getMe } from '../domain/me';
import { mePorts } from '../ports';
import type * as contract from './contract';

const ports = mePorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials }) => getMe(ports, credentials) },
);
