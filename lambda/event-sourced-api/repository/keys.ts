import type { Key } from '../../core/dynamodb/items';
import type { ListPlace } from '../domain/definition';

/** Versions as sort keys: as many digits as the last one has, so that they sort as numbers do. */
const digits = (version: number): string => String(version).padStart(12, '0');

export const aggregatePk = (type: string, id: string): string => `${type}#${id}`;

export const eventKey = (type: string, id: string, version: number): Key => ({
  PK: aggregatePk(type, id),
  SK: digits(version),
});

/** Right after the event whose state it has. */
export const snapshotKey = (type: string, id: string, version: number): Key => ({
  PK: aggregatePk(type, id),
  SK: `${digits(version)}#SNAPSHOT`,
});

/** After all of a version: its event, and its snapshot. */
export const afterVersion = (version: number): string => `${digits(version)}~`;

/** By sender: nobody learns of the commands of others, or takes their ids. */
export const guardKey = (sub: string, commandId: string): Key => ({
  PK: `COMMAND#${sub}#${commandId}`,
  SK: 'COMMAND',
});

export const viewPrefix = (view: string): string => `${view}#`;

export const rowKey = (view: string, id: string): Key => ({ PK: `${viewPrefix(view)}${id}`, SK: 'ROW' });

export const listRowKey = (view: string, list: string, { value, sort }: ListPlace, id: string): Key => ({
  PK: `${viewPrefix(view)}${list}#${value}`,
  SK: `${sort}#${id}`,
});

/** Of the last job of a view. No view is called `JOB`. */
export const jobKey = (view: string): Key => ({ PK: `JOB#${view}`, SK: 'JOB' });
