/**
 * What searches answer on a real OpenSearch, `OPENSEARCH_URL`, and on the embedded subset.
 * `UPDATE_ANSWERS=1 npm run test:opensearch -- queries` writes down anew what the real one answers.
 */
import { type EmbeddedService, startEmbedded } from './embedded';
import { describeQueries } from './queries-suite';
import { openSearch } from './service';

let embedded: EmbeddedService;

beforeAll(async () => {
  embedded = await startEmbedded();
});

afterAll(() => embedded?.close());

describe('a real one', () => describeQueries(openSearch, process.env.UPDATE_ANSWERS === '1'));
describe('the embedded subset', () => describeQueries(() => embedded));
