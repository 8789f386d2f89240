import { GetTags as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { listTags } from '../domain/tags';
import { tagPorts } from '../ports';
import * as contract from './contract';
import { pageOf } from '../schemas/input';

const ports = tagPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { query: contract.query },
  { handle: ({ credentials, query }) => listTags(ports, credentials, query.scope, pageOf(query)) },
);
