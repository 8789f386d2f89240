import * as contract from './contract';
import { UpdateItem as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { updateItem } from '../domain/items';
import { itemPorts } from '../ports';
import { versioned, versionsOf } from '../replies';

const ports = itemPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  { handle: async ({ request, path, body }) => versioned(await updateItem(ports, path.id, body, versionsOf(request))) },
);
