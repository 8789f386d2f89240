import { httpHandler, ok } from '../../core/http';
import { setFollow } from '../domain/profiles';
import { profilePorts } from '../ports';
import { pathParameter, requiredToken } from '../requests';

const ports = profilePorts();

/** POST /profiles/{username}/follow */
export const handler = httpHandler(async (request) =>
  ok(await setFollow(ports, requiredToken(request), pathParameter(request, 'username'), true)),
);
