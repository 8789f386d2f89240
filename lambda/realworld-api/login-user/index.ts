import { httpHandler, ok } from '../../core/http';
import { signIn } from '../domain/users';
import { verifyPassword } from '../passwords';
import { accountPorts } from '../ports';
import { signToken } from '../signing';
import { login, parseBody } from '../validation';

const ports = { ...accountPorts(), verifyPassword, sign: signToken };

/** POST /users/login */
export const handler = httpHandler(async (request) =>
  ok(await signIn(ports, parseBody(login, request.body, 'user').user)),
);
