import { httpHandler, ok } from '../../core/http';
import { getProfile } from '../domain/profiles';
import { profilePorts } from '../ports';
import { optionalToken, pathParameter } from '../requests';

const ports = profilePorts();

/** GET /profiles/{username} */
export const handler = httpHandler(async (request) =>
  ok(await getProfile(ports, optionalToken(request), pathParameter(request, 'username'))),
);
