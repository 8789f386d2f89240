import { created, httpHandler } from '../../core/http';
import { createArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import { checkedInput, requiredToken } from '../requests';
import { newArticle, parseBody } from '../validation';

const ports = articlePorts();

/** POST /articles */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  const { article } = await checkedInput(ports.gate, token, () => parseBody(newArticle, request.body, 'article'));
  return created(await createArticle(ports, await ports.gate.claims(token), article));
});
