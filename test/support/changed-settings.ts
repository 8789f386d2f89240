import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A copy of a cloud assembly in which functions have other settings, until it is removed. */
export class ChangedAssembly {
  public readonly folder = mkdtempSync(join(tmpdir(), 'settings-'));
  public readonly path = join(this.folder, 'cdk.out');

  /**
   * @param settings values of environment variables by their names, wherever functions have them
   * @throws Error where no function has one
   */
  public constructor(assembly: string, settings: Readonly<Record<string, string>>) {
    cpSync(assembly, this.path, { recursive: true });
    const missing = new Set(Object.keys(settings));
    for (const file of readdirSync(this.path).filter((name) => name.endsWith('.template.json'))) {
      const path = join(this.path, file);
      const changed = JSON.stringify(
        JSON.parse(readFileSync(path, 'utf8'), (name, value: unknown) => {
          if (!(name in settings) || typeof value !== 'string') return value;
          missing.delete(name);
          return settings[name];
        }),
      );
      writeFileSync(path, changed);
    }
    if (missing.size > 0) throw new Error(`no function has ${[...missing].join(', ')}`);
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
