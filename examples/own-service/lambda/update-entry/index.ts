import { endpoint, etag, ifMatch, notFound, preconditionFailed, reply } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import { CONTRACTS } from '../contracts';
import { updateEntry } from '../entries';

const facts = ENDPOINTS.UpdateEntry;

export const handler = endpoint<typeof facts, CONTRACTS['UpdateEntry']>(
  facts,
  CONTRACTS.UpdateEntry,
  async ({ path, body, request }) => {
    const updated = await updateEntry(path.id, body, ifMatch(request));
    if (updated === 'gone') {
      throw notFound('entry');
    }
    if (updated === 'other-version') {
      throw preconditionFailed();
    }
    const { version, ...entry } = updated;
    return reply(entry, { etag: etag(version) });
  },
);
