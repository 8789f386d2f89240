const compiled = new Map<string, RegExp>();

/** True when a text matches an IAM pattern: `*` is any run of characters, `?` any one. */
export function matches(pattern: string, text: string, ignoreCase = false): boolean {
  const key = ignoreCase ? `i:${pattern}` : pattern;
  let expression = compiled.get(key);
  if (expression === undefined) {
    const source = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '[^]*')
      .replace(/\?/g, '[^]');
    expression = new RegExp(`^${source}$`, ignoreCase ? 'i' : '');
    compiled.set(key, expression);
  }
  return expression.test(text);
}

/** ARNs match part by part: a wildcard does not cross the first five colons. */
export function matchesArn(pattern: string, arn: string): boolean {
  const patternParts = pattern.split(':');
  const parts = arn.split(':');
  if (patternParts.length < 6 || parts.length < 6) return matches(pattern, arn);
  return (
    patternParts.slice(0, 5).every((part, index) => matches(part, parts[index] ?? '')) &&
    matches(patternParts.slice(5).join(':'), parts.slice(5).join(':'))
  );
}
