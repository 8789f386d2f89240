import type { EndpointFacts } from '../../src/core/endpoint';

/** Every endpoint of the catalogue: the stack makes routes and functions from it, the functions are typed by it. */
export const BOOKS_ENDPOINTS = {
  PutBook: {
    method: 'PUT',
    path: '/books/{isbn}',
    summary: 'Put a book into the catalogue, or in the place of what is there',
    tag: 'Books',
    auth: 'none',
    input: ['body'],
    success: 200,
    errors: [409],
  },
  DeleteBook: {
    method: 'DELETE',
    path: '/books/{isbn}',
    summary: 'Take a book out of the catalogue',
    tag: 'Books',
    auth: 'none',
    success: 204,
    errors: [404],
  },
  SearchBooks: {
    method: 'GET',
    path: '/books',
    summary: 'Search the catalogue',
    tag: 'Books',
    auth: 'none',
    input: ['query'],
    success: 200,
  },
} as const satisfies Readonly<Record<string, EndpointFacts>>;
