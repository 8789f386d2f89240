import { CreateArticle as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { createArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = articlePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    beforeInvalid: ({ credentials }) => ports.sessions.load(credentials),
    handle: ({ credentials, body }) => createArticle(ports, credentials, body.article),
  },
);
