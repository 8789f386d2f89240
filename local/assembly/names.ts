import { createHash } from 'node:crypto';

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The name of a resource whose template gives none: `<stack>-<logical id>-<hash>`, the same in every run, so that data
 * kept in a folder is found again.
 *
 * @param limit length the service allows
 */
export function physicalName(stackName: string, logicalId: string, limit = 64): string {
  const suffix = digest(`${stackName}/${logicalId}`).slice(0, 12).toUpperCase();
  return `${`${stackName}-${logicalId}`.slice(0, limit - suffix.length - 1)}-${suffix}`;
}

/** A short lower-case id, as API Gateway gives; the same in every run. */
export function shortId(stackName: string, logicalId: string, length = 10): string {
  return BigInt(`0x${digest(`id:${stackName}/${logicalId}`)}`)
    .toString(36)
    .slice(0, length);
}
