import * as contract from './contract';
import { Login as facts } from '../../../src/realworld-api/contract';
import { verifyPassword } from '../../auth/passwords';
import { signToken } from '../../auth/signing';
import { sourceOf } from '../../auth/sources';
import { endpoint } from '../../core/http/endpoint';
import { api } from '../api';
import { signIn } from '../domain/users';
import { accountPorts } from '../ports';

const ports = { ...accountPorts(), verifyPassword, sign: signToken };

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  { body: contract.body },
  {
    handle: ({ body, request }) => signIn(ports, body.user, sourceOf(request.sourceIp)),
  },
);
