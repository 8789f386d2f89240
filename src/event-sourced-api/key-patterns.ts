import { LoadedDomain } from './event-sourced-domain';

/**
 * Partition keys of the two tables, as conditions on leading keys take them.
 *
 * @internal
 */
export const keyPatterns = (domain: LoadedDomain) => ({
  /** Events, and snapshots beside them. */
  aggregates: [`${domain.aggregate}#*`],
  /** What is kept of each command. */
  commands: ['COMMAND#*'],
  /** Rows and lists of views, of these or of all. */
  views: (views: Iterable<string> = domain.views) => [...new Set(views)].map((view) => `${view}#*`),
  /** State of rebuilds. */
  jobs: ['JOB#*'],
});

/** @internal */
export type KeyPatterns = ReturnType<typeof keyPatterns>;
