import { httpHandler, ok } from '../../core/http';
import { updateUser } from '../domain/users';
import { hashPassword } from '../passwords';
import { accountPorts } from '../ports';
import { checkedInput, requiredToken } from '../requests';
import { signToken } from '../signing';
import { parseBody, userUpdate } from '../validation';

const ports = { ...accountPorts(), hashPassword, sign: signToken };

/** PUT /user */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  const { user } = await checkedInput(ports.gate, token, () => parseBody(userUpdate, request.body, 'user'));
  return ok(await updateUser(ports, token, user));
});
