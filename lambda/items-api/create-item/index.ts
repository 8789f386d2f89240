import * as contract from './contract';
import { CreateItem as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { createItem } from '../domain/items';
import { itemPorts } from '../ports';
import { made } from '../replies';

const ports = itemPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  { handle: async ({ body }) => made(await createItem(ports, body), 'items') },
);
