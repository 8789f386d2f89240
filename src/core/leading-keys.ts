/**
 * Patterns of leading keys for kinds of items, as a condition on `dynamodb:LeadingKeys` takes them: `USER#*`. A prefix
 * without the separator is a whole key.
 *
 * @internal
 */
export function leadingKeys<Kind extends string>(
  prefixes: Readonly<Record<Kind, string>>,
  kinds: readonly Kind[],
): string[] {
  const patterns = kinds.map((kind) => (prefixes[kind].endsWith('#') ? `${prefixes[kind]}*` : prefixes[kind]));
  // Kinds may share their partitions.
  return [...new Set(patterns)];
}
