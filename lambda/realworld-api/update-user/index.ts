import { httpHandler, ok } from '../../core/http';
import { updateUser } from '../domain/users';
import { hashPassword } from '../passwords';
import { accountPorts } from '../ports';
import { requiredToken } from '../requests';
import { signToken } from '../signing';
import { parseBody, userUpdate } from '../validation';

const ports = { ...accountPorts(), hashPassword, sign: signToken };

/** PUT /user */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  await ports.gate.claims(token);
  return ok(await updateUser(ports, token, parseBody(userUpdate, request.body, 'user').user));
});
