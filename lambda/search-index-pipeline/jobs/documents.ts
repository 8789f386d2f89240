import type { Job, Written } from './job';
import type { WorkPorts } from './ports';
import { bulksOf, outcomesOf } from '../bulk';
import type { Change, WriteChange } from '../changes';
import { idOf, isDocument, UnreadableItem } from '../source';

/** What the table has, as the index is to have it. */
export interface Document {
  /** Of the item. */
  readonly key: string;
  readonly change: WriteChange;
}

/** What OpenSearch did not take by now: the message comes again. */
class NotTaken extends Error {
  public constructor(changes: number, error: string) {
    super(`${changes} changes were not taken by OpenSearch: ${error}`);
    this.name = 'NotTaken';
  }
}

/** How often changes are sent within one message before that comes again, and the first pause between, in ms. */
const ATTEMPTS = 5;
const PAUSE = 200;

/** How long a request may still be under way when nobody waits for it any more, in ms. */
const UNDER_WAY = 30_000;

/** Items that BatchGetItem takes, and so documents that are written at a time. */
const CHUNK = 100;

export function chunks<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / CHUNK) }, (_, n) => all.slice(n * CHUNK, (n + 1) * CHUNK));
}

/** Brings changes into an index. @returns why, by id, of those that it will never take @throws NotTaken */
async function writeAll(
  ports: WorkPorts,
  index: string,
  changes: readonly Change[],
): Promise<ReadonlyMap<string, string>> {
  const refused = new Map<string, string>();
  let left = changes.map((change) => ({ change }));
  for (let attempt = 1; left.length > 0; attempt++) {
    const later: typeof left = [];
    let last = '';
    for (const bulk of bulksOf(left)) {
      try {
        const answer = await ports.indexes.bulk(index, bulk.body);
        outcomesOf(answer, bulk.changes).forEach((outcome, place) => {
          if (outcome.kind === 'later') {
            later.push(bulk.changes[place]);
            last = outcome.error;
          } else if (outcome.kind === 'never') {
            refused.set(bulk.changes[place].change.id, outcome.error);
          }
        });
      } catch (error) {
        later.push(...bulk.changes);
        last = error instanceof Error ? error.name : 'unknown';
      }
    }
    if (later.length > 0) {
      if (attempt === ATTEMPTS || ports.timeIsShort()) {
        throw new NotTaken(later.length, last);
      }
      await ports.pause(PAUSE * 2 ** attempt);
    }
    left = later;
  }
  return refused;
}

/**
 * Brings documents into the index of a job, and takes those back whose items are gone by then: a deletion may have come
 * to the index before, and OpenSearch forgets at which version when its node starts again.
 *
 * What is about to be written is noted first, for what ends between the two: worked on again, the message's scan no
 * longer finds the item. Whoever ends the scan looks at what is left of notes.
 *
 * @returns ids of those that were taken back, and why by id of those that the index will never take
 */
export async function putDocuments(
  ports: WorkPorts,
  job: Job,
  documents: readonly Document[],
): Promise<{ readonly gone: ReadonlySet<string>; readonly refused: ReadonlyMap<string, string> }> {
  const { jobs, attemptId } = ports;
  const gone = new Set<string>();
  const refused = new Map<string, string>();
  for (const chunk of chunks(documents)) {
    const written = chunk.map(({ key, change: { id, version } }) => ({ key, id, version }));
    await jobs.noteWritten(job.id, { attemptId, until: ports.endsAt + UNDER_WAY, written });
    try {
      const changes = chunk.map(({ change }) => change);
      (await writeAll(ports, job.to, changes)).forEach((error, id) => refused.set(id, error));
      (await takeBack(ports, job, written)).forEach((id) => gone.add(id));
    } catch (error) {
      // It writes no more: nobody has to wait until it is broken off.
      await jobs.noteWritten(job.id, { attemptId, until: ports.now() + UNDER_WAY, written });
      throw error;
    }
  }
  if (documents.length > 0) {
    await jobs.forgetWritten(job.id, attemptId);
  }
  return { gone, refused };
}

/** Deletes documents whose items are gone, or are no such documents any more. @returns their ids */
export async function takeBack(ports: WorkPorts, job: Job, written: readonly Written[]): Promise<string[]> {
  if (!job.table || written.length === 0) {
    return [];
  }
  const keys = [...new Set(written.map(({ key }) => key))];
  const found = await ports.table.read(keys, job.table, job.source);
  const there = new Map(found.map(({ key, image }) => [key, image]));
  const gone = written.filter(({ key, id }) => {
    const image = there.get(key);
    try {
      return !isDocument(image, job.source) || idOf(image, job.source) !== id;
    } catch (error) {
      if (error instanceof UnreadableItem) {
        // It has a record in the stream, which tells of it.
        return false;
      }
      throw error;
    }
  });
  await deleteDocuments(ports, job, gone);
  return gone.map(({ id }) => id);
}

/** Deletes documents as of the versions that their items had. */
export async function deleteDocuments(ports: WorkPorts, job: Job, gone: readonly Written[]): Promise<void> {
  await writeAll(
    ports,
    job.to,
    gone.map(({ id, version }) => ({ kind: 'delete', id, version: version + 1 })),
  );
}
