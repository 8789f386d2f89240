import { LIMITS } from './limits';

/** Part of a key and of a path: no separator of either, and no dot at its beginning. */
export const TYPE = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

export const isType = (text: string): boolean => text.length <= LIMITS.type && TYPE.test(text);
