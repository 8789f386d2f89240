import { httpHandler, ok } from '../../core/http';
import { updateArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import { checkedInput, pathParameter, requiredToken } from '../requests';
import { articleUpdate, parseBody } from '../validation';

const ports = articlePorts();

/** PUT /articles/{slug} */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  const { article } = await checkedInput(ports.gate, token, () => parseBody(articleUpdate, request.body, 'article'));
  return ok(await updateArticle(ports, token, pathParameter(request, 'slug'), article));
});
