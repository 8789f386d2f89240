import { createHash } from 'node:crypto';
import type { Versions } from './domain/items';
import { etag, ifMatch, reply, type ReplyOptions } from '../core/http/reply';
import type { HttpRequest } from '../core/http/request';

/** A thing as callers see it: its version is its ETag, and no part of it. */
export function unversioned<T extends { readonly version: number }>({ version: _, ...view }: T) {
  return view;
}

export const versioned = <T extends { readonly version: number }>(thing: T, options: ReplyOptions = {}) =>
  reply(unversioned(thing), { ...options, etag: etag(thing.version) });

/**
 * What was just made, and where: relative to the list that it was posted to, so that it holds below a stage and under a
 * domain of one's own.
 */
export const made = <T extends { readonly id: string; readonly version: number }>(thing: T, list: 'items' | 'users') =>
  versioned(thing, { headers: { location: `${list}/${thing.id}` } });

/** A list: its ETag is a digest of what is shown. */
export function listed<T>(body: T) {
  const digest = createHash('sha256').update(JSON.stringify(body)).digest('base64url');
  return reply(body, { etag: etag(digest.slice(0, 22)) });
}

/** Of which versions a thing may be for a write, by `If-Match`: a tag that is no version of ours matches none. */
export function versionsOf(request: HttpRequest): Versions {
  const wanted = ifMatch(request);
  return wanted === undefined || wanted.any
    ? undefined
    : wanted.versions.filter((version) => /^[1-9]\d{0,14}$/.test(version)).map(Number);
}
