import { httpHandler, ok } from '../../core/http';
import { listComments } from '../domain/comments';
import { commentPorts } from '../ports';
import { optionalToken, pathParameter } from '../requests';

const ports = commentPorts();

/** GET /articles/{slug}/comments */
export const handler = httpHandler(async (request) =>
  ok(await listComments(ports, optionalToken(request), pathParameter(request, 'slug'))),
);
