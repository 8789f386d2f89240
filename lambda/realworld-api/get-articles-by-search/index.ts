import { GetArticles as facts } from '../../../src/realworld-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { api } from '../api';
import { listArticlesByIndex } from '../domain/search';
import { wordsOf } from '../domain/words';
import * as contract from '../get-articles/contract';
import { listAndSearchPorts } from '../ports-by-search';
import { toPage } from '../schemas/input';

const ports = listAndSearchPorts();

/** As `get-articles`, where a search index is composed in. */
export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { query: contract.query },
  {
    beforeInvalid: ({ credentials }) => ports.sessions.load(credentials),
    handle: ({ credentials, query: { search, ...query } }) => {
      const words = search === undefined ? undefined : wordsOf(search);
      return listArticlesByIndex(ports, credentials, { ...query, words }, toPage(query));
    },
  },
);
