import { GetTokens as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import * as contract from './contract';
import { listTokens } from '../domain/tokens';
import { tokenPorts } from '../ports';
import { pageOf } from '../schemas/input';

const ports = tokenPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, query }) => listTokens(ports, credentials, pageOf(query)) },
);
