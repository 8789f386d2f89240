import * as z from 'zod/mini';

/** Checks of text that every API wants, with messages that name the bound and what was got. */

// Lone surrogates cannot be stored, and control characters in names make keys and pages that nobody can read.
const isWellFormed = (text: string) =>
  !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(text);
// JSON Schema cannot say it.
export const wellFormed = z.refine<string>(isWellFormed, 'must be valid Unicode');
export const noControl = z.regex(/^[^\u0000-\u001f\u007f]*$/, 'must not contain control characters');
// First and last where it fails: what is far too long is not looked at further.
export const atMost = (max: number) =>
  z.maxLength(max, {
    abort: true,
    error: (issue) => `is too long (maximum is ${max} characters, got ${String(issue.input).length})`,
  });
/** Bytes of UTF-8. In characters as well, which the API documents can say. */
export const atMostBytes = (max: number) => {
  const error = (issue: { input?: unknown }) =>
    `is too long (maximum is ${max} bytes, got ${Buffer.byteLength(String(issue.input))})`;
  return [
    z.maxLength(max, { abort: true, error }),
    z.refine<string>((text) => Buffer.byteLength(text) <= max, { abort: true, error }),
  ] as const;
};

// Names that look like another's, or like none: formatting and unassigned characters, line separators, what shows
// nothing by itself (joiners, variation selectors, fillers; Unicode's own list), and the Braille pattern without dots.
const INVISIBLE = 'must not contain invisible characters';
export const visible = [
  z.regex(/^[^\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]*$/u, INVISIBLE),
  z.regex(/[\p{L}\p{N}\p{P}\p{S}]/u, INVISIBLE),
] as const;
