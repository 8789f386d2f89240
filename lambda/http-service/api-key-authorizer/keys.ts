import { createHash, timingSafeEqual } from 'node:crypto';

/** Keys shorter than this are no keys: they could be guessed, and an empty one would let in everybody. */
const SHORTEST = 16;

const digest = (text: string) => createHash('sha256').update(text).digest();

interface KnownKey {
  readonly name: string;
  readonly digest: Uint8Array;
}

/** The keys in the value of a secret: `{"<name>": "<key>"}`. What is no key is passed over. */
function keysOf(secret: unknown): KnownKey[] {
  if (typeof secret !== 'object' || secret === null || Array.isArray(secret)) {
    return [];
  }
  return Object.entries(secret).flatMap(([name, key]) =>
    typeof key === 'string' && key.length >= SHORTEST ? [{ name, digest: digest(key) }] : [],
  );
}

/** The name of a key; undefined where nobody has it. How long that takes tells nothing of any key. */
export function nameOfKey(secret: unknown, sent: string): string | undefined {
  const wanted = digest(sent);
  let found: string | undefined;
  for (const { name, digest: known } of keysOf(secret)) {
    if (timingSafeEqual(known, wanted)) {
      found ??= name;
    }
  }
  return found;
}
