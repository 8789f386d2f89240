import { handlerOf } from '../migration/handler';

/** Converts this library's own items. */
export const handler = handlerOf();
