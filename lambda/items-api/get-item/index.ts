import type * as contract from './contract';
import { GetItem as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getItem } from '../domain/items';
import { itemPorts } from '../ports';
import { versioned } from '../replies';

const ports = itemPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  { handle: async ({ path }) => versioned(await getItem(ports, path.id)) },
);
