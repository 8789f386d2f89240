import type * as contract from './contract';
import { DeleteItem as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { deleteItem } from '../domain/items';
import { itemPorts } from '../ports';
import { versionsOf } from '../replies';

const ports = itemPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  { handle: async ({ request, path }) => deleteItem(ports, path.id, versionsOf(request)) },
);
