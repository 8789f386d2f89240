import { randomInt } from 'node:crypto';

/** Words that are routes below `/articles/`. */
const RESERVED = new Set(['feed']);
const MAX_LENGTH = 100;
const SUFFIX_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const SUFFIX_LENGTH = 6;

/**
 * The part of a slug that follows from the title: `How to train your dragon!` gives `how-to-train-your-dragon`.
 * Accents are dropped, letters of other scripts kept; a title without letters or digits gives `article`.
 */
export function slugBase(title: string): string {
  const words = title
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu);
  const base = [...(words ?? ['article']).join('-')].slice(0, MAX_LENGTH).join('');
  return base.replace(/-+$/, '');
}

/** A suffix that makes a slug unique: 36^6 is two thousand million. */
export function withSuffix(base: string): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]);
  return `${base}-${suffix.join('')}`;
}

/** The slug to try at an attempt, from 0: clean first, suffixed after a collision. */
export function slugCandidate(base: string, attempt: number): string {
  return attempt === 0 && !RESERVED.has(base) ? base : withSuffix(base);
}
