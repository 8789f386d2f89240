import { DeleteArticle as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { deleteArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = articlePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials, path }) => deleteArticle(ports, credentials, path.slug),
  },
);
