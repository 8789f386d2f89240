import * as contract from './contract';
import { ListUsers as facts } from '../../../src/items-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { findUsers } from '../domain/users';
import { userPorts } from '../ports';
import { listed, unversioned } from '../replies';

const ports = userPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { query: contract.query },
  { handle: async ({ query }) => listed({ users: (await findUsers(ports, query.email)).map(unversioned) }) },
);
