import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Aliases } from './aliases';
import { Json } from '../aws/protocol';

/** One change of a domain. */
export type JournalEntry =
  | {
      readonly op: 'create';
      readonly index: string;
      readonly uuid: string;
      readonly created: number;
      readonly settings: Json;
      readonly mapping: Json;
    }
  | { readonly op: 'drop'; readonly index: string }
  | { readonly op: 'mapping'; readonly index: string; readonly mapping: Json }
  | { readonly op: 'settings'; readonly index: string; readonly settings: Json }
  | { readonly op: 'aliases'; readonly aliases: Aliases }
  | {
      readonly op: 'put';
      readonly index: string;
      readonly id: string;
      readonly version: number;
      readonly seqNo: number;
      readonly source: Json;
    }
  | {
      readonly op: 'remove';
      readonly index: string;
      readonly id: string;
      readonly version: number;
      readonly seqNo: number;
      readonly time: number;
    };

/** The changes of a domain, a line each, in a file that outlives the run. */
export class Journal {
  private lines: string[] = [];

  /** Reads what is there; the last line may be cut off by a crash, and was then never answered. */
  public constructor(
    private readonly file: string | undefined,
    replay: (entry: JournalEntry) => void,
  ) {
    if (file === undefined || !existsSync(file)) return;
    const lines = readFileSync(file, 'utf8').split('\n');
    for (const line of lines.slice(0, -1)) replay(JSON.parse(line) as JournalEntry);
  }

  /** Kept until `flush`, so that a batch is one write. */
  public append(...entries: readonly JournalEntry[]): void {
    if (this.file === undefined) return;
    for (const entry of entries) this.lines.push(`${JSON.stringify(entry)}\n`);
  }

  public flush(): void {
    if (this.file !== undefined && this.lines.length > 0) appendFileSync(this.file, this.lines.join(''));
    this.lines = [];
  }

  /** Puts the state in the place of all the changes that led to it. */
  public rewrite(entries: Iterable<JournalEntry>): void {
    if (this.file === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true });
    const text = [...entries].map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const temporary = `${this.file}.${process.pid}.tmp`;
    writeFileSync(temporary, text, { mode: 0o600 });
    renameSync(temporary, this.file);
  }
}
