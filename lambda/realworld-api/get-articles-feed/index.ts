import { GetArticlesFeed as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { getFeed } from '../domain/feed';
import { feedPorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';
import { toPage } from '../schemas/input';

const ports = feedPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { query: contract.query },
  {
    beforeInvalid: ({ credentials }) => ports.sessions.load(credentials),
    handle: ({ credentials, query }) => getFeed(ports, credentials, toPage(query)),
  },
);
