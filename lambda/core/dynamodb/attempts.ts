/** A command of the SDK, of whatever input and output. */
interface Command {
  readonly middlewareStack: {
    add(
      middleware: <A, R>(next: (args: A) => Promise<R>) => (args: A) => Promise<R>,
      options: { step: 'finalizeRequest'; priority: 'low'; name: string; override: boolean },
    ): void;
  };
}

/** What became of the attempts of a write that the SDK makes by itself. */
export interface Attempts {
  /** An attempt ended so that it may have been done: where a condition fails after it, that may be its own doing. */
  readonly mayHaveWritten: boolean;
}

const statusOf = (error: unknown) => (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

/**
 * Watches a write that is about to be sent. An attempt that is refused with a status of 400 to 499, such as one that is
 * throttled, has written nothing. One without an answer, or with a status of 500 and above, may have.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 * @see https://blog.highbar.solutions/dynamodb-errors-handle-with-care-pt-2 (what a 500 leaves open)
 */
export function watchAttempts(command: Command): Attempts {
  const attempts = { mayHaveWritten: false };
  // As the last step before the wire, it is within the SDK's own retries. The document client lays a command's own steps on
  // twice: one takes the place of the other.
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        const status = statusOf(error) ?? 500;
        attempts.mayHaveWritten ||= status < 400 || status >= 500;
        throw error;
      }
    },
    { step: 'finalizeRequest', priority: 'low', name: 'watchAttempts', override: true },
  );
  return attempts;
}
