import { createHash } from 'node:crypto';
import { chunks, deleteDocuments, type Document, putDocuments } from './documents';
import { type Job, sum64, type Tally } from './job';
import type { Found, Page, WorkPorts } from './ports';
import { writeOf } from '../changes';
import { isDocument, UnreadableItem } from '../source';

/** Items as documents, and those that cannot be any. */
function documentsOf({ source }: Job, found: readonly Found[]) {
  const documents: Document[] = [];
  const unreadable: { readonly key: string; readonly reason: string }[] = [];
  for (const { key, image } of found) {
    try {
      if (isDocument(image, source)) {
        documents.push({ key, change: writeOf(image, source) });
      }
    } catch (error) {
      if (!(error instanceof UnreadableItem)) {
        throw error;
      }
      unreadable.push({ key, reason: error.message });
    }
  }
  return { documents, unreadable };
}

/** Where an item that cannot be a document is found again: its keys, and nothing of what it holds. */
const describe = (index: string, key: string, reason: string) =>
  JSON.stringify({ type: 'unindexable-item', reason, index, keys: JSON.parse(key) as unknown });

/** Brings a page of items into the index. What cannot be a document goes to the dead-letter queue. */
export async function copyPage(ports: WorkPorts, job: Job, page: Page): Promise<Partial<Tally>> {
  const { documents, unreadable } = documentsOf(job, page.found);
  const { gone, refused } = await putDocuments(ports, job, documents);
  const bad = [
    ...unreadable,
    ...documents.flatMap(({ key, change: { id } }) => {
      const reason = refused.get(id);
      return reason === undefined ? [] : [{ key, reason }];
    }),
  ];
  if (bad.length > 0) {
    await ports.bury(bad.map(({ key, reason }) => describe(job.to, key, reason)));
  }
  return {
    scanned: page.scanned,
    documents: documents.length,
    gone: gone.size,
    unreadable: unreadable.length,
    refused: refused.size,
  };
}

/** Of an id and a version, 64 bits. */
function hashOf({ id, version }: { readonly id: string; readonly version: number }): bigint {
  return BigInt(`0x${createHash('sha256').update(`${version} ${id}`).digest('hex').slice(0, 16)}`);
}

/**
 * Holds a page of items against the index. What is missing or older there is read again and written; it may just not
 * have come yet. What is newer there than the item, read again, is different, and stays so: versions do not go back.
 */
export async function comparePage(ports: WorkPorts, job: Job, page: Page): Promise<Partial<Tally>> {
  const { documents, unreadable } = documentsOf(job, page.found);
  const tally = { documents: 0, refused: 0, repaired: 0, different: 0, tableSum: '0', indexSum: '0' };
  const count = ({ change }: Document, seen: number | undefined = change.version) => {
    tally.documents++;
    tally.tableSum = sum64(tally.tableSum, hashOf(change));
    if (seen > 0) {
      tally.indexSum = sum64(tally.indexSum, hashOf({ id: change.id, version: seen }));
    }
  };
  for (const chunk of chunks(documents)) {
    const seen = await versionsOf(ports, job, chunk);
    const others = chunk.filter(({ change: { id, version } }) => seen.get(id) !== version);
    chunk.filter((document) => !others.includes(document)).forEach((document) => count(document));
    const { gone, late, ahead } = await readAgain(ports, job, others, seen);
    await deleteDocuments(
      ports,
      job,
      gone.map(({ key, change: { id, version } }) => ({ key, id, version })),
    );
    ahead.forEach(({ document, different }) => {
      count(document, different ? seen.get(document.change.id) : undefined);
      tally.different += different ? 1 : 0;
    });
    const outcome = await putDocuments(ports, job, late);
    const after = await versionsOf(ports, job, late);
    for (const document of late.filter(({ change }) => !outcome.gone.has(change.id))) {
      const { id, version } = document.change;
      const there = after.get(id) ?? 0;
      if (outcome.refused.has(id)) {
        tally.refused++;
        count(document, there);
      } else if (there >= version) {
        tally.repaired++;
        count(document);
      } else if (!(await isGone(ports, job, document))) {
        tally.different++;
        count(document, there);
      }
    }
  }
  return { ...tally, scanned: page.scanned, unreadable: unreadable.length };
}

async function versionsOf(ports: WorkPorts, job: Job, documents: readonly Document[]) {
  const ids = [...new Set(documents.map(({ change: { id } }) => id))];
  return ids.length === 0 ? new Map<string, number>() : ports.indexes.versions(job.to, ids);
}

/** Documents that the index has otherwise than the scan saw them, by what they are in the table by now. */
async function readAgain(
  ports: WorkPorts,
  job: Job,
  others: readonly Document[],
  seen: ReadonlyMap<string, number>,
): Promise<{
  readonly gone: readonly Document[];
  readonly late: readonly Document[];
  readonly ahead: readonly { readonly document: Document; readonly different: boolean }[];
}> {
  if (!job.table || others.length === 0) {
    return { gone: [], late: [], ahead: [] };
  }
  const found = await ports.table.read([...new Set(others.map(({ key }) => key))], job.table, job.source);
  const now = new Map(documentsOf(job, found).documents.map((document) => [document.key, document]));
  const isSame = (document: Document) => now.get(document.key)?.change.id === document.change.id;
  const isAhead = ({ change: { id, version } }: Document) => (seen.get(id) ?? 0) > version;
  const there = others.filter(isSame);
  return {
    gone: others.filter((document) => !isSame(document)),
    late: there.filter((document) => !isAhead(document)).map(({ key }) => now.get(key)!),
    ahead: there.filter(isAhead).map((document) => ({
      document,
      different: (seen.get(document.change.id) ?? 0) > now.get(document.key)!.change.version,
    })),
  };
}

/** Whether an item was removed after it was written: its deletion is in the index already. */
async function isGone(ports: WorkPorts, job: Job, { key, change: { id } }: Document): Promise<boolean> {
  const found = await ports.table.read([key], job.table!, job.source);
  return !documentsOf(job, found).documents.some(({ change }) => change.id === id);
}
