import { httpHandler, ok } from '../../core/http';
import { currentUser } from '../domain/users';
import { gatePorts } from '../ports';
import { requiredToken } from '../requests';

const ports = gatePorts();

/** GET /user */
export const handler = httpHandler(async (request) => ok(await currentUser(ports, requiredToken(request))));
