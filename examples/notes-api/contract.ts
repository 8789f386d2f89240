import type { EndpointFacts } from '../../src/core/endpoint';

/** Every endpoint of the notes API: the stack makes routes and functions from it, the functions are typed by it. */
export const NOTES_ENDPOINTS = {
  CreateNote: {
    method: 'POST',
    path: '/notes',
    summary: 'Write a note',
    tag: 'Notes',
    auth: 'none',
    input: ['body'],
    success: 201,
  },
  GetNote: {
    method: 'GET',
    path: '/notes/{id}',
    summary: 'Read a note',
    tag: 'Notes',
    auth: 'none',
    success: 200,
    errors: [404],
  },
} as const satisfies Readonly<Record<string, EndpointFacts>>;

/** How the partition keys of notes begin. */
export const NOTE_PREFIX = 'NOTE#';
