import { GetArticleComments as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { listComments } from '../domain/comments';
import { commentReading } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = commentReading();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials, path }) => listComments(ports, credentials, path.slug),
  },
);
