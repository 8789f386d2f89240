import type { BulkItem } from '../../lambda/search-index-pipeline/bulk';

interface Entry {
  readonly version: number;
  /** Undefined for what was deleted, whose version is kept. */
  readonly document?: unknown;
}

/**
 * The bulk API of an index in memory, as the lines of a request ask it: external versions alone, and deletes leave their
 * version behind.
 *
 * @see https://docs.opensearch.org/latest/api-reference/document-apis/bulk/
 */
export class VersionedIndex {
  private readonly entries = new Map<string, Entry>();

  /** @param fault decides for each line whether it fails for now, with that status */
  public bulk(body: string, fault: () => number | undefined = () => undefined): BulkItem[] {
    if (!body.endsWith('\n')) throw new Error('A bulk request ends with a line feed');
    const lines = body.slice(0, -1).split('\n');
    const answers: BulkItem[] = [];
    for (let line = 0; line < lines.length; line++) {
      const [[action, meta]] = Object.entries(JSON.parse(lines[line]) as Record<string, BulkAction>);
      const document = action === 'index' ? (JSON.parse(lines[++line]) as unknown) : undefined;
      answers.push(this.apply(meta, document, fault()));
    }
    return answers;
  }

  /** Versions of documents that are there, by id. */
  public versions(ids: readonly string[]): Map<string, number> {
    const there = ids.map((id): [string, Entry | undefined] => [id, this.entries.get(id)]);
    return new Map(there.flatMap(([id, entry]) => (entry?.document === undefined ? [] : [[id, entry.version]])));
  }

  /** A node that starts again has forgotten what was deleted. */
  public restart(): void {
    [...this.entries].filter(([, { document }]) => document === undefined).forEach(([id]) => this.entries.delete(id));
  }

  /** What is there, by id. */
  public documents(): Record<string, unknown> {
    const there = [...this.entries].filter(([, { document }]) => document !== undefined);
    return Object.fromEntries(there.sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { document }]) => [id, document]));
  }

  private apply({ _id: id, version, version_type: type }: BulkAction, document: unknown, fault?: number): BulkItem {
    if (type !== 'external') throw new Error(`Versions are external, got ${type}`);
    if (fault !== undefined) return { status: fault, error: { type: 'made_to_fail' } };
    const there = this.entries.get(id);
    if (there && there.version >= version) {
      return { status: 409, error: { type: 'version_conflict_engine_exception' } };
    }
    this.entries.set(id, { version, document });
    if (document === undefined) return { status: there?.document === undefined ? 404 : 200 };
    return { status: there?.document === undefined ? 201 : 200 };
  }
}

interface BulkAction {
  readonly _id: string;
  readonly version: number;
  readonly version_type: string;
}
