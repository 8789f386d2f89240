import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ObjectBucket } from '../storage';

/** An object as it was put. */
export interface StoredObject {
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly body: string;
}

/** A bucket in memory, and in a file that outlives the run where there is one. */
export class Bucket implements ObjectBucket {
  private readonly byKey = new Map<string, StoredObject>();

  /** @param file a line for each put; undefined where nothing is to last */
  public constructor(
    public readonly name: string,
    public readonly arn: string,
    public readonly keyArn: string | undefined,
    private readonly file: string | undefined,
  ) {
    if (file === undefined || !existsSync(file)) return;
    // A line that a crash cut off was never answered.
    for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
      this.keep(JSON.parse(line) as StoredObject);
    }
  }

  /** Newest first. */
  public get objects(): readonly StoredObject[] {
    return [...this.byKey.values()].reverse();
  }

  public put(key: string, body: string): void {
    const object = { key, time: Date.now(), body };
    this.keep(object);
    if (this.file === undefined) return;
    mkdirSync(dirname(this.file), { recursive: true });
    appendFileSync(this.file, `${JSON.stringify(object)}\n`, { mode: 0o600 });
  }

  private keep(object: StoredObject): void {
    // At the end, also where it takes the place of another.
    this.byKey.delete(object.key);
    this.byKey.set(object.key, object);
  }
}
