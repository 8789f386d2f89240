/** What an invocation of a function came to. */
export interface Invoked {
  /** JSON. */
  readonly payload: string;
  /** There where the function has failed; the payload then says how. */
  readonly functionError?: string;
}

/** Invokes a function with an event, as JSON. Rejects where it is not reached, or does not answer in time. */
export type Invoke = (event: string) => Promise<Invoked>;

/** How a function has failed. */
export interface FunctionError {
  /** A name, which may be told. */
  readonly errorType: string;
  readonly isTimeout: boolean;
}

/** Reads the payload of an invocation whose function has failed. */
export function functionErrorOf(payload: string): FunctionError {
  const { errorType: type, errorMessage } = (jsonOf(payload) ?? {}) as Readonly<Record<string, unknown>>;
  const errorType = typeof type === 'string' && /^[\w.$]{1,80}$/.test(type) ? type : 'an error';
  // A message may hold what the function was given: it is for comparing alone.
  const isTimeout = errorType === 'Sandbox.Timedout' || String(errorMessage).includes('Task timed out');
  return { errorType, isTimeout };
}

/** Of an answer; undefined where it is no JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
