import { endpoint, etag, notFound, reply } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import type { CONTRACTS } from '../contracts';
import { getEntry } from '../entries';

const facts = ENDPOINTS.GetEntry;

export const handler = endpoint<typeof facts, CONTRACTS['GetEntry']>(facts, {}, async ({ path }) => {
  const found = await getEntry(path.id);
  if (!found) {
    throw notFound('entry');
  }
  const { version, ...entry } = found;
  return reply(entry, { etag: etag(version) });
});
