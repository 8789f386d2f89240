import { UpdateMe as facts } from '../../../src/posts-api/contract';
import { postsEndpoint } from '../api';
import { updateMe } from '../domain/me';
import { mePorts } from '../ports';
import * as contract from './contract';

const ports = mePorts();

export const handler = postsEndpoint<typeof facts, typeof contract>(
  facts,
  { body: contract.body },
  { handle: ({ credentials, body }) => updateMe(ports, credentials, body) },
);
