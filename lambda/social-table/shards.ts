import { numberEnv } from '../core/env';

/** Shards of a followee's list of followers: what goes through them one by one knows their number, and no key. */
export const FOLLOWER_SHARDS = 4;

/** On how many partitions a table spreads what everybody writes, as its construct says: one where it says nothing. */
export const writeShards = (): number => numberEnv('WRITE_SHARDS', 1);
