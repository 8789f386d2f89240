import { httpHandler, ok } from '../../core/http';
import { setFavorite } from '../domain/articles';
import { articlePorts } from '../ports';
import { pathParameter, requiredToken } from '../requests';

const ports = articlePorts();

/** POST /articles/{slug}/favorite */
export const handler = httpHandler(async (request) =>
  ok(await setFavorite(ports, requiredToken(request), pathParameter(request, 'slug'), true)),
);
