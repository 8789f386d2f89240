import { join } from 'node:path';
import { expectObject, isObject, JsonObject } from '../assembly';
import { readJson, writeJson } from '../json-file';

/** What is remembered of a custom resource from one run to the next. */
export interface RememberedResource {
  readonly physicalId: string;
  readonly properties: JsonObject;
}

/** The custom resources made so far, in a file beside the data where the data lasts. */
export class CustomResourceState {
  private readonly known = new Map<string, RememberedResource>();
  private readonly file?: string;

  public constructor(dataDir: string | undefined) {
    if (dataDir === undefined) return;
    this.file = join(dataDir, 'custom-resources.json');
    const content = expectObject(readJson(this.file) ?? {}, this.file);
    for (const [key, value] of Object.entries(content)) {
      if (!isObject(value) || typeof value.physicalId !== 'string') {
        throw new Error(`${this.file}: ${key} is malformed`);
      }
      this.known.set(key, {
        physicalId: value.physicalId,
        properties: isObject(value.properties) ? value.properties : {},
      });
    }
  }

  public get(key: string): RememberedResource | undefined {
    return this.known.get(key);
  }

  public set(key: string, resource: RememberedResource): void {
    this.known.set(key, resource);
    if (this.file !== undefined) writeJson(this.file, Object.fromEntries(this.known));
  }
}
