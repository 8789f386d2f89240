/** What has a turn: it grows with every change, so that a message for an earlier turn does nothing. */
export interface Turned {
  readonly turn: number;
  /** The message that made the last change: if it comes again, what it was to send may not have been sent. */
  readonly by: string;
}

/** What is refused, and why: for whoever asked. */
export class Refused extends Error {
  public constructor(why: string) {
    super(why);
    this.name = 'Refused';
  }
}

/** An error as a job remembers it: messages may hold data. */
export const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
