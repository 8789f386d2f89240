import { UpdateArticle as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { openOwnArticle, updateArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = articlePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    beforeInvalid: ({ credentials, path }) => openOwnArticle(ports, credentials, path.slug),
    handle: ({ credentials, path, body }) => updateArticle(ports, credentials, path.slug, body.article),
  },
);
