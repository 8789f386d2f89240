import * as contract from './contract';
import { ListItems as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { listItems } from '../domain/items';
import { LIMITS } from '../domain/limits';
import { itemListPorts } from '../ports';
import { listed, unversioned } from '../replies';

const ports = itemListPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { query: contract.query },
  {
    handle: async ({ query: { category, since, limit, cursor } }) => {
      const found = await listItems(ports, {
        category,
        since: since === undefined ? undefined : Date.parse(since),
        limit: Number(limit ?? LIMITS.defaultPageSize),
        cursor,
      });
      return listed({ items: found.items.map(unversioned), nextCursor: found.next });
    },
  },
);
