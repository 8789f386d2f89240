import * as CreateNote from './create-note/contract';
import * as GetNote from './get-note/contract';
import { errorAnswer, newNote, noteAnswer } from './schemas';
import type { Contracts } from '../../../lambda/core/http/endpoint';
import { openApiDocument } from '../../../lambda/core/openapi/document';
import { NOTES_ENDPOINTS } from '../contract';

const CONTRACTS = { CreateNote, GetNote } satisfies Contracts<typeof NOTES_ENDPOINTS>;

/** The API documents of the notes API. */
export const document = openApiDocument(NOTES_ENDPOINTS, CONTRACTS, {
  title: 'Notes API',
  version: '1.0.0',
  description: 'Two endpoints, behind an HTTP API and a REST API alike.',
  basePath: '..',
  errors: errorAnswer,
  invalidStatus: 400,
  statuses: { 400: 'The request is not valid', 404: 'There is no such note' },
  security: {},
  components: { NewNote: newNote, Note: noteAnswer, Error: errorAnswer },
  examples: { NewNote: { text: 'Feed the dragon' } },
  overrides: new Map(),
});
