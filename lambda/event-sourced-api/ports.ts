import { newId } from '../core/ids';

/** What handlers give to use cases, made once a sandbox. */

export const clock = { now: () => Date.now() };

export const ids = { newId };
