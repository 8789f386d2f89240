import { CreateArticleComment as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { openArticle } from '../domain/articles';
import { addComment } from '../domain/comments';
import { commentPorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = commentPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    beforeInvalid: ({ credentials, path }) => openArticle(ports, credentials, path.slug),
    handle: ({ credentials, path, body }) => addComment(ports, credentials, path.slug, body.comment.body),
  },
);
