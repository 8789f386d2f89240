import * as contract from './contract';
import { endpoint } from '../../../../lambda/core/http/endpoint';
import { HttpError } from '../../../../lambda/core/http/errors';
import { BOOKS_ENDPOINTS } from '../../contract';
import { api } from '../api';
import { putBook } from '../books';

const facts = BOOKS_ENDPOINTS.PutBook;

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    handle: async ({ path: { isbn }, body: { title, author, subjects, year } }) => {
      const book = { isbn, title, author, subjects, year };
      if (!(await putBook(book, Date.now()))) {
        throw new HttpError(409, { book: ['was written at the same time'] });
      }
      return book;
    },
  },
);
