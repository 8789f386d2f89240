import { GetArticles as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { listArticles } from '../domain/lists';
import { listPorts } from '../ports';
import type * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';
import { toPage } from '../schemas/input';
import { listQueryWithoutSearch } from '../schemas/lists';

const ports = listPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { query: listQueryWithoutSearch },
  {
    beforeInvalid: ({ credentials }) => ports.sessions.load(credentials),
    handle: ({ credentials, query }) => listArticles(ports, credentials, query, toPage(query)),
  },
);
