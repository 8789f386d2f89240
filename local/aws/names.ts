import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DeployedResource } from '../types';

/** Writes JSON so that a crash leaves the old file or the new one, readable by its owner only. */
export function writeJson(file: string, value: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, JSON.stringify(value, undefined, 1), { mode: 0o600 });
  renameSync(temporary, file);
}

/** Reads JSON written by `writeJson`; undefined when there is none. */
export function readJson(file: string): unknown {
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as unknown) : undefined;
}

/** Gives physical names as CloudFormation does: `<stack>-<logicalId>-<random>`, the same again with a data folder. */
export class PhysicalNames {
  private readonly file: string | undefined;
  private readonly names: Record<string, string>;

  /** @param dataDir folder in which the names outlive the run */
  public constructor(dataDir: string | undefined) {
    this.file = dataDir === undefined ? undefined : join(dataDir, 'physical-names.json');
    this.names = this.file === undefined ? {} : ((readJson(this.file) ?? {}) as Record<string, string>);
  }

  public of(resource: DeployedResource, maxLength: number): string {
    const id = `${resource.type} ${resource.stackName}/${resource.logicalId}`;
    const kept = this.names[id];
    if (kept !== undefined) return kept;
    const random = randomBytes(6).toString('hex').toUpperCase();
    const stem = `${resource.stackName}-${resource.logicalId}`;
    const room = maxLength - random.length - 1;
    const name = `${stem.length <= room ? stem : shorten(stem, room)}-${random}`;
    this.names[id] = name;
    if (this.file !== undefined) writeJson(this.file, this.names);
    return name;
  }
}

function shorten(stem: string, length: number): string {
  const hash = createHash('sha256').update(stem).digest('hex').slice(0, 8);
  return `${stem.slice(0, length - hash.length)}${hash}`;
}
