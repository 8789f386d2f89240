import type * as contract from './contract';
import { GetUser as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getUser } from '../domain/users';
import { userPorts } from '../ports';
import { versioned } from '../replies';

const ports = userPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  { handle: async ({ path }) => versioned(await getUser(ports, path.id)) },
);
