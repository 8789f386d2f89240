import { numberEnv } from '../../core/env';
import { created, httpHandler } from '../../core/http';
import { register } from '../domain/users';
import { hashPassword } from '../passwords';
import { accountPorts } from '../ports';
import { signToken } from '../signing';
import { parseBody, registration } from '../validation';

const ports = { ...accountPorts(), hashPassword, sign: signToken };
const schema = registration(numberEnv('PASSWORD_MINIMUM_LENGTH', 1));

/** POST /users */
export const handler = httpHandler(async (request) =>
  created(await register(ports, parseBody(schema, request.body, 'user').user)),
);
