import { endpoint, notFound } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import type { CONTRACTS } from '../contracts';
import { deleteEntry } from '../entries';

const facts = ENDPOINTS.DeleteEntry;

export const handler = endpoint<typeof facts, CONTRACTS['DeleteEntry']>(facts, {}, async ({ path }) => {
  if (!(await deleteEntry(path.id))) {
    throw notFound('entry');
  }
});
