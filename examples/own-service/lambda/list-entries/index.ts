import { endpoint } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import { CONTRACTS } from '../contracts';
import { listEntries } from '../entries';

const facts = ENDPOINTS.ListEntries;

export const handler = endpoint<typeof facts, CONTRACTS['ListEntries']>(
  facts,
  CONTRACTS.ListEntries,
  async ({ query }) => {
    const { entries, next } = await listEntries(query.limit, query.before);
    return { entries: entries.map(({ version: _, ...entry }) => entry), next };
  },
);
