import * as DeleteBook from './delete-book/contract';
import * as PutBook from './put-book/contract';
import { bookAnswer, errorAnswer, newBook } from './schemas';
import * as SearchBooks from './search-books/contract';
import type { Contracts } from '../../../lambda/core/http/endpoint';
import { openApiDocument } from '../../../lambda/core/openapi/document';
import { BOOKS_ENDPOINTS } from '../contract';

const CONTRACTS = { PutBook, DeleteBook, SearchBooks } satisfies Contracts<typeof BOOKS_ENDPOINTS>;

/** The API documents of the catalogue. */
export const document = openApiDocument(BOOKS_ENDPOINTS, CONTRACTS, {
  title: 'Catalogue of books',
  version: '1.0.0',
  description: 'Books in a table, found by an index that follows its stream: a second behind, as a rule.',
  basePath: '..',
  errors: errorAnswer,
  invalidStatus: 422,
  statuses: {
    404: 'There is no such book',
    409: 'A later write of the book is there',
    422: 'The request is not valid',
  },
  security: {},
  components: { NewBook: newBook, Book: bookAnswer, Error: errorAnswer },
  examples: {
    NewBook: { title: 'The Dragons of Babel', author: 'Michael Swanwick', subjects: ['dragons'], year: 2008 },
  },
  overrides: new Map(),
});
