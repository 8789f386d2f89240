import { httpHandler, ok } from '../../core/http';

/** GET /health: the gateway and a function answer. It reads nothing, so that probes cost nothing. */
export const handler = httpHandler(async () => ok({ status: 'ok' }));
