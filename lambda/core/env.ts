/** Reads a required environment variable; a function without its configuration fails at its start, by name. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new Error(`Environment variable ${name} is not set`);
  }
  return value;
}

/** Reads a numeric environment variable; required where no default is given. */
export function numberEnv(name: string, fallback?: number): number {
  const text = fallback === undefined ? requireEnv(name) : process.env[name];
  if (fallback !== undefined && (text === undefined || text === '')) {
    return fallback;
  }
  const value = Number(text);
  if (!Number.isFinite(value)) {
    throw new Error(`Environment variable ${name} must be a number, got: ${text}`);
  }
  return value;
}
