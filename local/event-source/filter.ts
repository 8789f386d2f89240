/** A pattern of FilterCriteria, compiled. */
export type Filter = (event: unknown) => boolean;

const OPERATORS = ['prefix', 'suffix', 'exists', 'anything-but', 'numeric', 'equals-ignore-case'];

/**
 * Compiles the patterns of FilterCriteria; an event passes when one of them matches, or when there is none.
 *
 * @param patterns JSON texts as in `FilterCriteria.Filters[].Pattern`
 * @throws Error naming what is not supported in a pattern
 */
export function compileFilters(patterns: readonly string[]): Filter {
  const parsed = patterns.map((text) => {
    const pattern: unknown = JSON.parse(text);
    validate(pattern, '');
    return pattern;
  });
  return (event) => parsed.length === 0 || parsed.some((pattern) => matches(pattern, event));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function validate(pattern: unknown, path: string): void {
  if (Array.isArray(pattern)) {
    for (const rule of pattern as readonly unknown[]) validateRule(rule, path);
  } else if (isObject(pattern)) {
    for (const [key, value] of Object.entries(pattern)) {
      if (key === '$or') {
        if (!Array.isArray(value)) throw new Error(`filter pattern: ${path}$or must be a list`);
        for (const alternative of value as readonly unknown[]) validate(alternative, path);
      } else {
        validate(value, `${path}${key}.`);
      }
    }
  } else {
    throw new Error(`filter pattern: ${path.slice(0, -1)} must be a list or an object, got ${JSON.stringify(pattern)}`);
  }
}

function validateRule(rule: unknown, path: string): void {
  if (!isObject(rule)) return;
  const [operator, ...more] = Object.keys(rule);
  if (more.length > 0 || !OPERATORS.includes(operator)) {
    const names = Object.keys(rule).join(', ');
    throw new Error(`filter pattern: operator ${names} of ${path.slice(0, -1)} is not supported by the local runner`);
  }
  const nested = rule['anything-but'];
  if (operator === 'anything-but' && isObject(nested)) {
    const unknown = Object.keys(nested).filter((key) => key !== 'prefix' && key !== 'suffix');
    if (unknown.length > 0) {
      throw new Error(`filter pattern: anything-but ${unknown.join(', ')} is not supported by the local runner`);
    }
  }
}

function matches(pattern: unknown, value: unknown): boolean {
  if (Array.isArray(pattern)) return (pattern as readonly unknown[]).some((rule) => matchesRule(rule, value));
  if (!isObject(pattern)) return false;
  return Object.entries(pattern).every(([key, inner]) => {
    if (key === '$or') return (inner as readonly unknown[]).some((alternative) => matches(alternative, value));
    return matches(inner, isObject(value) ? value[key] : undefined);
  });
}

function matchesRule(rule: unknown, value: unknown): boolean {
  if (isObject(rule) && 'exists' in rule) return (value !== undefined && !isObject(value)) === rule.exists;
  if (Array.isArray(value)) return (value as readonly unknown[]).some((entry) => matchesRule(rule, entry));
  if (!isObject(rule)) return value !== undefined && rule === value;
  if (typeof rule.prefix === 'string') return typeof value === 'string' && value.startsWith(rule.prefix);
  if (typeof rule.suffix === 'string') return typeof value === 'string' && value.endsWith(rule.suffix);
  if (typeof rule['equals-ignore-case'] === 'string') {
    return typeof value === 'string' && value.toLowerCase() === rule['equals-ignore-case'].toLowerCase();
  }
  // A number in DynamoDB's JSON is a text, which no numeric rule matches, as in AWS.
  if (Array.isArray(rule.numeric)) {
    return typeof value === 'number' && matchesNumeric(rule.numeric as readonly unknown[], value);
  }
  if ('anything-but' in rule) return value !== undefined && !isObject(value) && !excluded(rule['anything-but'], value);
  return false;
}

function excluded(rule: unknown, value: unknown): boolean {
  if (Array.isArray(rule)) return (rule as readonly unknown[]).includes(value);
  if (isObject(rule)) return matchesRule(rule, value);
  return rule === value;
}

function matchesNumeric(rule: readonly unknown[], value: number): boolean {
  for (let i = 0; i + 1 < rule.length; i += 2) {
    const bound = Number(rule[i + 1]);
    const holds =
      (rule[i] === '=' && value === bound) ||
      (rule[i] === '<' && value < bound) ||
      (rule[i] === '<=' && value <= bound) ||
      (rule[i] === '>' && value > bound) ||
      (rule[i] === '>=' && value >= bound);
    if (!holds) return false;
  }
  return true;
}
