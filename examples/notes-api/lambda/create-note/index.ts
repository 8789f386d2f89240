import * as contract from './contract';
import { endpoint } from '../../../../lambda/core/http/endpoint';
import { newId } from '../../../../lambda/core/ids';
import { NOTES_ENDPOINTS } from '../../contract';
import { api } from '../api';
import { putNote } from '../notes';

const facts = NOTES_ENDPOINTS.CreateNote;

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    handle: async ({ body }) => {
      const note = { id: newId(), text: body.text, createdAt: new Date().toISOString() };
      await putNote(note);
      return note;
    },
  },
);
