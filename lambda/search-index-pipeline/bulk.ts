import type { Change } from './changes';

/**
 * Characters of one bulk request, which has at most three bytes for each, and the smallest instances take 10 MiB.
 * Counting bytes would cost as much as writing them.
 *
 * @see https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html (maximum size of HTTP payloads)
 */
const BULK_CHARACTERS = 3_000_000;

/** A bulk request, and the changes in it by their place. */
export interface Bulk<T> {
  readonly body: string;
  readonly changes: readonly T[];
}

/**
 * Lines of a bulk request. The version is given with each change, so that a later one is never overwritten.
 *
 * @see https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
 */
function linesOf(change: Change): string {
  const { kind, id, version } = change;
  const action = `{"${kind}":{"_id":${JSON.stringify(id)},"version":${version},"version_type":"external"}}\n`;
  return kind === 'index' ? `${action}${JSON.stringify(change.document)}\n` : action;
}

/** Changes as bulk requests, in order. A change that is larger than one goes alone, for OpenSearch to judge. */
export function bulksOf<T extends { readonly change: Change }>(changes: readonly T[]): Bulk<T>[] {
  const bulks: { body: string[]; changes: T[] }[] = [];
  let size = 0;
  for (const one of changes) {
    const lines = linesOf(one.change);
    const last = bulks[bulks.length - 1];
    if (last && size + lines.length <= BULK_CHARACTERS) {
      last.body.push(lines);
      last.changes.push(one);
      size += lines.length;
    } else {
      bulks.push({ body: [lines], changes: [one] });
      size = lines.length;
    }
  }
  return bulks.map(({ body, changes: inBulk }) => ({ body: body.join(''), changes: inBulk }));
}

/** What became of one change: in the index or in one that is later, to be tried again, or never to be taken. */
export type ChangeOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'later'; readonly error: string }
  | { readonly kind: 'never'; readonly error: string };

/** What OpenSearch answers to one line of a bulk request. */
export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type?: string };
}

/**
 * Statuses that pass: too many requests, an index that is not there yet or just now, rights that are not there yet, and
 * whatever is the cluster's own fault.
 */
const passes = (status: number) => status === 429 || status === 404 || status === 403 || status >= 500;

/** Of the changes of one bulk request, by their places in it. Errors are OpenSearch's types; its reasons hold values. */
export function outcomesOf(
  answer: readonly BulkItem[],
  changes: readonly { readonly change: Change }[],
): ChangeOutcome[] {
  return changes.map(({ change }, place) => {
    const { status, error } = answer[place] ?? { status: 503 };
    const type = error?.type ?? `status_${status}`;
    // A conflict says that the index has a later version. What is to be deleted and is not there is deleted.
    if (status < 300 || status === 409 || (status === 404 && change.kind === 'delete' && !error)) {
      return { kind: 'done' };
    }
    return { kind: passes(status) ? 'later' : 'never', error: type };
  });
}
