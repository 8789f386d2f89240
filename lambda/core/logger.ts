import type { Logger } from '@aws-lambda-powertools/logger';

/** What a log line may carry beside its message: ids and counts, never bodies, tokens or passwords. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

let logger: Promise<Logger> | undefined;

/** Loaded with the first line: most invocations log nothing, and loading costs milliseconds of every cold start. */
function load(): Promise<Logger> {
  logger ??= import('@aws-lambda-powertools/logger').then((module) => new module.Logger());
  return logger;
}

/** An error as a log may show it: what kind, from where, and no message of ours that could carry data. */
function describe(error: unknown): LogFields {
  if (!(error instanceof Error)) {
    return { error: typeof error };
  }
  // A stack begins with the message, whose lines may look like a place in code.
  const places = error.stack?.split('\n').slice(error.message.split('\n').length);
  const at = places?.find((line) => line.trimStart().startsWith('at '));
  return { error: error.name, at: at?.trim() };
}

/** What goes well, and takes long enough that somebody asks. */
export async function logInfo(message: string, fields: LogFields): Promise<void> {
  (await load()).info(message, { ...fields });
}

/** What failed without failing what it belongs to. */
export async function logWarning(message: string, error: unknown): Promise<void> {
  (await load()).warn(message, { ...describe(error) });
}

export async function logError(message: string, error: unknown, fields: LogFields = {}): Promise<void> {
  (await load()).error(message, { ...fields, ...describe(error) });
}
