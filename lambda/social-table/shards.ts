/** Shards of a followee's list of followers: what goes through them one by one knows their number, and no key. */
export const FOLLOWER_SHARDS = 4;
