import { CreateTag as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { createTag } from '../domain/tags';
import { tagPorts } from '../ports';
import * as contract from './contract';

const ports = tagPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, body }) => createTag(ports, credentials, body) },
);
