import type * as contract from './contract';
import { endpoint } from '../../../../lambda/core/http/endpoint';
import { HttpError } from '../../../../lambda/core/http/errors';
import { BOOKS_ENDPOINTS } from '../../contract';
import { api } from '../api';
import { deleteBook } from '../books';

const facts = BOOKS_ENDPOINTS.DeleteBook;

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: async ({ path: { isbn } }) => {
      if (!(await deleteBook(isbn))) {
        throw new HttpError(404, { book: ['is not there'] });
      }
    },
  },
);
