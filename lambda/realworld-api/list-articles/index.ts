import { httpHandler, ok } from '../../core/http';
import { listArticles } from '../domain/lists';
import { listPorts } from '../ports';
import { optionalToken } from '../requests';
import { filters, parse, parsePage } from '../validation';

const ports = listPorts();

/** GET /articles */
export const handler = httpHandler(async (request) => {
  const token = optionalToken(request);
  return ok(await listArticles(ports, token, parse(filters, request.query), parsePage(request.query)));
});
