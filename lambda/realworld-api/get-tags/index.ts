import * as contract from './contract';
import { GetTags as facts } from '../../../src/realworld-api/contract';
import { dynamoDb } from '../../core/aws-clients';
import { requireEnv } from '../../core/env';
import { endpoint } from '../../core/http/endpoint';
import { writeShards } from '../../social-table/shards';
import { api } from '../api';
import { TAGS_LISTED } from '../domain/limits';
import { ListRepository } from '../repository/lists';

// It has no right to the accounts table, and no need of its name.
const lists = new ListRepository({
  db: dynamoDb(),
  social: requireEnv('TABLE_NAME'),
  accounts: '',
  shards: writeShards(),
});

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: async () => ({ tags: await lists.tags(TAGS_LISTED) }),
  },
);
