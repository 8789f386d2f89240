import * as z from 'zod/mini';
import { requireEnv } from '../core/env';

/** An attribute of a key, and what its value begins with before the id. */
const part = z.object({ attribute: z.string().check(z.minLength(1)), prefix: z.string() });

const table = z.object({ tableName: z.string().check(z.minLength(1)), partition: part, sort: part });

/** Items by author and id, followers by followee and follower: as the construct was told of them. */
const SOURCE = z.object({ items: table, followers: table });

export type KeyPart = z.infer<typeof part>;
export type SourceTable = z.infer<typeof table>;
export type FeedSource = z.infer<typeof SOURCE>;

/** @throws where the environment has no such description */
export const feedSource = (): FeedSource => SOURCE.parse(JSON.parse(requireEnv('FEED_SOURCE')));

/** The id in a value of a key; undefined where it is a text of another kind. */
export const idIn = ({ prefix }: KeyPart, value: string): string | undefined =>
  value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
