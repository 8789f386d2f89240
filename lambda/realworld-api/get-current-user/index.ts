import { GetCurrentUser as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { currentUser } from '../domain/users';
import { sessionPorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = sessionPorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials }) => currentUser(ports, credentials),
  },
);
