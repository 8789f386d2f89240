import { GetTags as facts } from '../../../src/realworld-api/contract';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { endpoint } from '../../core/http/endpoint';
import { writeShards } from '../../social-table/shards';
import { api } from '../api';
import { TAGS_LISTED } from '../domain/limits';
import { usedTags } from '../domain/search';
import type * as contract from '../get-tags/contract';
import { indexPorts } from '../ports-by-search';
import { ListRepository } from '../repository/lists';

// It has no right to the accounts table, and no need of its name.
const tables = { db: dynamoDb(), social: requireEnv('TABLE_NAME'), accounts: '', shards: writeShards() };
const lists = new ListRepository(tables);
const ports = indexPorts(tables);

/** As `get-tags`, where a search index is composed in. */
export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: async () => ({ tags: await usedTags(ports, TAGS_LISTED, () => lists.tags(TAGS_LISTED)) }),
  },
);
