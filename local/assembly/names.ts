import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readJson, writeJson } from '../json-file';

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The name of a resource whose template gives none: `<stack>-<logical id>-<hash>`, as CloudFormation forms it.
 *
 * @param limit length the service allows
 * @param salt makes names of one run differ from those of another
 */
export function physicalName(stackName: string, logicalId: string, limit = 64, salt = ''): string {
  const suffix = digest(`${salt}${stackName}/${logicalId}`).slice(0, 12).toUpperCase();
  return `${`${stackName}-${logicalId}`.slice(0, limit - suffix.length - 1)}-${suffix}`;
}

/** A short lower-case id, as API Gateway gives; the same in every run. */
export function shortId(stackName: string, logicalId: string, length = 10): string {
  return BigInt(`0x${digest(`id:${stackName}/${logicalId}`)}`)
    .toString(36)
    .slice(0, length);
}

/** An id in the form of a UUID, as KMS and event source mappings have; the same in every run. */
export function uuidOf(stackName: string, logicalId: string): string {
  const hash = digest(`${stackName}/${logicalId}`);
  return [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join('-');
}

/**
 * Names of what holds data: others in every run, so that an engine that outlives it shows no run the data of another,
 * and the same again with a data folder.
 */
export class DataNames {
  private readonly salt: string;

  /** @param dataDir folder that outlives the run */
  public constructor(dataDir: string | undefined) {
    const file = dataDir === undefined ? undefined : join(dataDir, 'names.json');
    const kept = file === undefined ? undefined : readJson(file);
    this.salt = typeof kept === 'string' ? kept : randomBytes(8).toString('hex');
    if (file !== undefined && kept === undefined) writeJson(file, this.salt);
  }

  public of(
    { stackName, logicalId }: { readonly stackName: string; readonly logicalId: string },
    limit: number,
  ): string {
    return physicalName(stackName, logicalId, limit, `${this.salt}/`);
  }
}
