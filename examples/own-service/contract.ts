import type { EndpointFacts } from 'cdk-social-backend/http';

/** Every endpoint of the guestbook: the stack makes routes and functions from it, the handlers are typed by it. */
export const ENDPOINTS = {
  CreateEntry: {
    method: 'POST',
    path: '/entries',
    summary: 'Write into the guestbook',
    tag: 'Entries',
    auth: 'deployment',
    input: ['body'],
    success: 201,
    etag: true,
  },
  ListEntries: {
    method: 'GET',
    path: '/entries',
    summary: 'Newest entries first',
    tag: 'Entries',
    auth: 'none',
    input: ['query'],
    success: 200,
  },
  GetEntry: {
    method: 'GET',
    path: '/entries/{id}',
    summary: 'Read an entry',
    tag: 'Entries',
    auth: 'none',
    success: 200,
    errors: [404],
    etag: true,
  },
  UpdateEntry: {
    method: 'PUT',
    path: '/entries/{id}',
    summary: 'Write an entry anew',
    tag: 'Entries',
    auth: 'deployment',
    input: ['body'],
    success: 200,
    errors: [404],
    etag: true,
  },
  DeleteEntry: {
    method: 'DELETE',
    path: '/entries/{id}',
    summary: 'Remove an entry',
    tag: 'Entries',
    auth: 'deployment',
    success: 204,
    errors: [404],
  },
} as const satisfies Readonly<Record<string, EndpointFacts>>;

/** The one partition of the guestbook: it is a small one. */
export const PARTITION = 'GUESTBOOK';
