import { httpHandler, ok } from '../../core/http';
import { getFeed } from '../domain/feed';
import { feedPorts } from '../ports';
import { checkedInput, requiredToken } from '../requests';
import { parsePage } from '../validation';

const ports = feedPorts();

/** GET /articles/feed */
export const handler = httpHandler(async (request) => {
  const token = requiredToken(request);
  const page = await checkedInput(ports.gate, token, () => parsePage(request.query));
  return ok(await getFeed(ports, token, page));
});
