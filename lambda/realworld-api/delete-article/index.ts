import { httpHandler, noContent } from '../../core/http';
import { deleteArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import { pathParameter, requiredToken } from '../requests';

const ports = articlePorts();

/** DELETE /articles/{slug} */
export const handler = httpHandler(async (request) => {
  await deleteArticle(ports, requiredToken(request), pathParameter(request, 'slug'));
  return noContent;
});
