import { created, httpHandler } from '../../core/http';
import { createArticle } from '../domain/articles';
import { articlePorts } from '../ports';
import { requiredToken } from '../requests';
import { newArticle, parseBody } from '../validation';

const ports = articlePorts();

/** POST /articles */
export const handler = httpHandler(async (request) => {
  const claims = await ports.gate.claims(requiredToken(request));
  return created(await createArticle(ports, claims, parseBody(newArticle, request.body, 'article').article));
});
