import { replacedFiles } from './replaced-files';

/** Files of OpenSearch's client, and what is in the place of each. */
const UNUSED: Readonly<Record<string, string>> = {
  // Its thousand methods: functions make requests by its transport.
  '@opensearch-project/opensearch/api/OpenSearchApi.js': 'module.exports = class {};',
  // Scrolling and writing in bulk, which functions do by requests of their own.
  '@opensearch-project/opensearch/lib/Helpers.js': 'module.exports = class {};',
  // Agents for a proxy, and the nodes of another provider: neither is asked for.
  '@opensearch-project/opensearch/lib/ProxyAgent.js': 'module.exports = {};',
  '@opensearch-project/opensearch/lib/pool/CloudConnectionPool.js': 'module.exports = class {};',
  // The JSON of numbers beyond a double, which it loads and nobody has asked it to use.
  'json11/dist/cjs/index.cjs': 'module.exports = {};',
  // Lines for who sets DEBUG. It looks at the terminal first.
  'debug/src/index.js': 'module.exports = () => () => undefined;',
};

/** The client of OpenSearch without what functions never use of it, which is most of what it loads. */
export const leanSearchClient = replacedFiles('lean-search-client', UNUSED);
