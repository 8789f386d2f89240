import { cachingTables, listPorts, listReading } from './ports';
import { RecentRepository } from './repository/recent';
import { logFallback, searchRepository } from './repository/search';
import type { Tables } from './repository/tables';
import { numberEnv } from '../core/env';

/** As `ports.ts`, for what is bundled with a client of OpenSearch. */

export const indexPorts = (of: Tables) => ({
  recent: new RecentRepository(of),
  index: searchRepository(),
  fellBack: logFallback,
  windows: {
    written: numberEnv('SEARCH_WINDOW_SECONDS') * 1000,
    deleted: numberEnv('SEARCH_DELETED_WINDOW_SECONDS') * 1000,
  },
  now: () => Date.now(),
});

export const searchPorts = () => {
  const caching = cachingTables();
  return { ...listReading(caching), ...indexPorts(caching) };
};

/** Those of lists and of searches, over one memory: what either has read is known to the other. */
export const listAndSearchPorts = () => {
  const caching = cachingTables();
  return { ...listPorts(caching), ...indexPorts(caching) };
};
