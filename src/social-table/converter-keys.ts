import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { SOCIAL_KEY_PREFIXES } from './key-prefixes';
import { failure } from '../core/checks';

/** Whether two patterns have a key in common, each a whole key or the beginning of keys. */
function overlap(one: string, other: string): boolean {
  const begins = (pattern: string, text: string) =>
    pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
  return begins(one, other.replace(/\*$/, '')) || begins(other, one.replace(/\*$/, ''));
}

/**
 * Refuses patterns of partition keys that are none, or are of this library's own items.
 *
 * @internal
 */
export function checkConverterKeys(patterns: readonly string[], scope: IConstruct): void {
  if (!Token.isUnresolved(patterns) && patterns.length === 0) {
    throw failure('converterKeys must hold at least one pattern such as NOTE#*, got: none', scope);
  }
  for (const pattern of patterns.filter((one) => !Token.isUnresolved(one))) {
    if (!/^[^*?]+\*?$/.test(pattern)) {
      throw failure(
        `converterKeys must be partition keys, or their beginnings and * at the end (NOTE#*), got: ${pattern}`,
        scope,
      );
    }
    const own = Object.values(SOCIAL_KEY_PREFIXES)
      .map((prefix) => (prefix.endsWith('#') ? `${prefix}*` : prefix))
      .find((one) => overlap(one, pattern));
    if (own !== undefined) {
      throw failure(`converterKeys must not be those of this library (${own}), got: ${pattern}`, scope);
    }
  }
}
