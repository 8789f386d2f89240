import { LocalService } from '../service';
import { RunningOpenSearch } from './running';

/** What may be given as the engine. */
const HELP = 'embedded or the URL of an OpenSearch (default: embedded)';

/** @throws an Error saying what an engine may be, for any other text */
function checkEngine(wanted: string): void {
  if (wanted === 'embedded' || /^https?:\/\/\S+$/.test(wanted)) return;
  throw new Error(`search must be embedded or a URL, got ${wanted}`);
}

/** OpenSearch Service: domains that answer the REST protocol. */
export const openSearch: LocalService = {
  name: 'OpenSearch',
  iamPrefixes: ['es'],
  lags: { search: 'documents, until searches find them' },
  engine: { option: 'search', help: HELP, check: checkEngine },
  start: async (run) => RunningOpenSearch.start(run),
};
