import { httpHandler, ok } from '../../core/http';
import { getArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import { optionalToken, pathParameter } from '../requests';

const ports = articlePorts();

/** GET /articles/{slug} */
export const handler = httpHandler(async (request) =>
  ok(await getArticle(ports, optionalToken(request), pathParameter(request, 'slug'))),
);
