import { randomInt } from 'node:crypto';
import { v7 } from 'uuid';

/** A UUID that sorts by its time. */
export const newId = (): string => v7();

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text is a UUID of any version, as this library and Cognito write it. */
export const isUuid = (text: string): boolean => UUID.test(text);

/** The smallest UUIDv7 of a moment: a lower bound for key ranges. @param time in ms since 1970 */
export function lowestIdAt(time: number): string {
  const hex = Math.max(0, Math.floor(time)).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

/** The time in a UUIDv7, in ms since 1970. */
export const timeOfId = (id: string): number => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

/** The UUID right below another in the order of their texts; of the lowest, itself. */
export function idBelow(id: string): string {
  const below = BigInt(`0x${id.replaceAll('-', '')}`) - 1n;
  const hex = (below < 0n ? 0n : below).toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const EPOCH_2020 = Date.UTC(2020, 0, 1);

/** A positive integer that sorts by time: milliseconds since 2020 times 4096, plus 12 random bits. */
export const newNumericId = (now = Date.now()): number => (now - EPOCH_2020) * 4096 + randomInt(4096);
