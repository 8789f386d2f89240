import { SearchArticles as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { searchArticles } from '../domain/search';
import { wordsOf } from '../domain/words';
import { searchPorts } from '../ports-by-search';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';
import { toPage } from '../schemas/input';
import { toCursor, toPlace } from '../schemas/search-cursor';

const ports = searchPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { query: contract.query },
  {
    beforeInvalid: ({ credentials }) => ports.sessions.load(credentials),
    handle: async ({ credentials, query }) => {
      const after = query.after === undefined ? undefined : toPlace(query.after, query);
      const range = { limit: toPage(query).limit, after };
      const { next, ...found } = await searchArticles(ports, credentials, wordsOf(query.q), query, range);
      return { ...found, next: next ? toCursor(next, query) : null };
    },
  },
);
