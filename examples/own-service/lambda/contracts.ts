import type { Contracts } from 'cdk-social-backend/http';
import { entriesAnswer, entryAnswer, entryPath, newEntry, page } from './schemas';
import type { ENDPOINTS } from '../contract';

/** The schemas of every endpoint: a missing or a superfluous one does not compile. */
export const CONTRACTS = {
  CreateEntry: { body: newEntry, answer: entryAnswer },
  ListEntries: { query: page, answer: entriesAnswer },
  GetEntry: { path: entryPath, answer: entryAnswer },
  UpdateEntry: { path: entryPath, body: newEntry, answer: entryAnswer },
  DeleteEntry: { path: entryPath },
} satisfies Contracts<typeof ENDPOINTS>;
export type CONTRACTS = typeof CONTRACTS;
