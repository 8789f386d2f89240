import { createHash } from 'node:crypto';

/** An id of letters and digits, the same for the same name. */
export function idOf(name: string, length: number, lowerCase = false): string {
  const alphabet = `0123456789abcdefghijklmnopqrstuvwxyz${lowerCase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'}`;
  let rest = BigInt(`0x${createHash('sha256').update(name).digest('hex')}`);
  let id = '';
  while (id.length < length) {
    id += alphabet[Number(rest % BigInt(alphabet.length))];
    rest /= BigInt(alphabet.length);
  }
  return id;
}
