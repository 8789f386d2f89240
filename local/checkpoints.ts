import { join } from 'node:path';
import { readJson, writeJson } from './json-file';

const SAVE_AFTER_MS = 200;

/** How far each reader of a stream has come, by its id, kept in a data folder where there is one. */
export class Checkpoints {
  private readonly file: string | undefined;
  private readonly positions: Record<string, string>;
  private timer: NodeJS.Timeout | undefined;

  /** @param name of the file, without its end: of one kind of readers */
  public constructor(dataDir: string | undefined, name: string) {
    this.file = dataDir === undefined ? undefined : join(dataDir, `${name}.json`);
    this.positions = (this.file === undefined ? {} : (readJson(this.file) ?? {})) as Record<string, string>;
  }

  public get(id: string): string | undefined {
    return this.positions[id];
  }

  /** A crash before it is saved delivers again, as a stream may. */
  public set(id: string, position: string): void {
    this.positions[id] = position;
    if (this.file !== undefined) this.timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  }

  public save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.file !== undefined) writeJson(this.file, this.positions);
  }
}
