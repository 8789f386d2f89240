import { GetTag as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { getTag } from '../domain/tags';
import { tagPorts } from '../ports';
import type * as contract from './contract';

const ports = tagPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  {},
  { handle: ({ credentials, path }) => getTag(ports, credentials, path.tagId) },
);
