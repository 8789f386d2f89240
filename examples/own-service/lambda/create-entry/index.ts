import { randomUUID } from 'node:crypto';
import { endpoint, etag, reply } from 'cdk-social-backend/http';
import { ENDPOINTS } from '../../contract';
import { CONTRACTS } from '../contracts';
import { putEntry } from '../entries';

const facts = ENDPOINTS.CreateEntry;

export const handler = endpoint<typeof facts, CONTRACTS['CreateEntry']>(
  facts,
  CONTRACTS.CreateEntry,
  async ({ body }) => {
    const createdAt = new Date().toISOString();
    const entry = { id: `${createdAt.replace(/\D/g, '')}-${randomUUID()}`, ...body, createdAt };
    await putEntry({ ...entry, version: 1 });
    return reply(entry, { etag: etag(1) });
  },
);
