const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/** Of each character by itself: the lower case of a whole word ends in a final sigma, which is no other letter. */
const lower = (text: string) => Array.from(text, (character) => character.toLowerCase()).join('');

/**
 * Folds a name for comparison: names that fold to one are one name. It is Unicode's NFKC_Casefold (The Unicode Standard,
 * 3.13, definition R5): compatibility forms are one (`ａ` and `a`), so are letters whatever their case (`Zoë` and `ZOË`,
 * `ß`, `ẞ` and `ss`, `σ` and `ς`), and what shows nothing by itself is left out (variation selectors, joiners, fillers).
 *
 * The engine has no case folding of its own; upper case taken to lower case is the same by the same data, but for the
 * dotless `ı`, which is one with `i` here: the stricter reading.
 */
export function fold(name: string): string {
  const cased = lower(lower(name.normalize('NFKC').replace(INVISIBLE, '')).toUpperCase());
  // Cases may leave the normal form, and so may what stood beside something invisible: once more.
  return cased.normalize('NFKC').replace(INVISIBLE, '').normalize('NFKC');
}

/** Fits a partition key with room to spare, as it is and folded: some characters fold to eighteen, others to less. */
export const fitsKey = (name: string) =>
  name !== '' && Math.max(Buffer.byteLength(name), Buffer.byteLength(fold(name))) <= 1000;
