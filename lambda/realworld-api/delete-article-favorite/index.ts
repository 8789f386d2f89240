import { DeleteArticleFavorite as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { setFavorite } from '../domain/articles';
import { favoritePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = favoritePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials, path }) => setFavorite(ports, credentials, path.slug, false),
  },
);
