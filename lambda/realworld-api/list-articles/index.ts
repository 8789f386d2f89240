import { httpHandler, ok } from '../../core/http';
import { listArticles } from '../domain/lists';
import { listPorts } from '../ports';
import { checkedInput, optionalToken } from '../requests';
import { filters, parse, parsePage } from '../validation';

const ports = listPorts();

/** GET /articles */
export const handler = httpHandler(async (request) => {
  const token = optionalToken(request);
  const page = await checkedInput(ports.gate, token, () => parsePage(request.query));
  return ok(await listArticles(ports, token, parse(filters, request.query), page));
});
