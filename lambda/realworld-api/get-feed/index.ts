import { httpHandler, ok } from '../../core/http';
import { getFeed } from '../domain/feed';
import { feedPorts } from '../ports';
import { requiredToken } from '../requests';
import { parsePage } from '../validation';

const ports = feedPorts();

/** GET /articles/feed */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  await ports.gate.claims(token);
  return ok(await getFeed(ports, token, parsePage(request.query)));
});
