import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables';
import { type Item, putOf } from '../../core/dynamodb';
import { logWarning } from '../../core/logger';
import { retry } from '../../core/retry';
import { CHANGED } from '../../social-table/entities';

/** Readers look back seconds; after this a row may be removed by its expiry, in seconds. */
const ROW_LIFE = 600;

/** Of what is told beside a write. */
const TELL_AGAIN = { attempts: 2, baseMs: 50, capMs: 100 };

/**
 * A row that tells of a change of an article's card, of a profile or of whom a user follows (by the user's id), for readers
 * that read these eventually consistent. It must be there when the change's request is answered; where it is without a
 * change, a read costs half a unit more.
 *
 * @param at when it is written: ISO 8601
 */
export const changedRow = ({ shards }: Tables, id: string, at: string): Item =>
  CHANGED.item([id, at, shards], { expiresAt: Math.floor(Date.parse(at) / 1000) + ROW_LIFE });

export async function tellChanged(tables: Tables, id: string, at: string): Promise<void> {
  await tables.db.send(new PutCommand(putOf(tables.social, changedRow(tables, id, at))));
}

/** The change itself is what counts: where this fails twice, readers may be behind with it for moments. */
export async function tellBeside(tables: Tables, id: string, at: string): Promise<void> {
  await retry(
    () => tellChanged(tables, id, at),
    () => true,
    TELL_AGAIN,
  ).catch((error: unknown) => logWarning('a change was not told', error));
}
