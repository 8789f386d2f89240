import * as contract from './contract';
import { CreateUser as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { createUser } from '../domain/users';
import { userPorts } from '../ports';
import { made } from '../replies';

const ports = userPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  { handle: async ({ body }) => made(await createUser(ports, body), 'users') },
);
