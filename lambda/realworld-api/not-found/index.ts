import { notFound } from '../../core/errors';
import { httpHandler } from '../../core/http';

/** Every other route: the API's own shape instead of the gateway's. */
export const handler = httpHandler(async () => {
  throw notFound('route');
});
