import type * as contract from './contract';
import { endpoint } from '../../../../lambda/core/http/endpoint';
import { HttpError } from '../../../../lambda/core/http/errors';
import { NOTES_ENDPOINTS } from '../../contract';
import { api } from '../api';
import { getNote } from '../notes';

const facts = NOTES_ENDPOINTS.GetNote;

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: async ({ path }) => {
      const note = await getNote(path.id);
      if (!note) {
        throw new HttpError(404, { note: ['is not there'] });
      }
      return { id: note.id, text: note.text, createdAt: note.createdAt };
    },
  },
);
