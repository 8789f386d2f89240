import * as contract from './contract';
import { CreateUser as facts } from '../../../src/realworld-api/contract';
import { hashPassword } from '../../auth/passwords';
import { signToken } from '../../auth/signing';
import { endpoint } from '../../core/http/endpoint';
import { api } from '../api';
import { register } from '../domain/users';
import { accountPorts } from '../ports';

const ports = { ...accountPorts(), hashPassword, sign: signToken };

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    handle: ({ body }) => register(ports, body.user),
  },
);
