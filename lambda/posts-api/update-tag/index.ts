import { UpdateTag as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { updateTag } from '../domain/tags';
import { tagPorts } from '../ports';
import * as contract from './contract';

const ports = tagPorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, path, body }) => updateTag(ports, credentials, path.tagId, body) },
);
