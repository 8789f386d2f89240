/**
 * The embedded subset answers what a real OpenSearch answered (`test/opensearch/answers.json`), and the tests of writes,
 * versions, mappings, aliases and ingestion that pass there pass here.
 */
import { describeDocuments } from '../../test/opensearch/documents-suite';
import { type EmbeddedService, startEmbedded } from '../../test/opensearch/embedded';
import { describeIndices } from '../../test/opensearch/indices-suite';
import { describeIngestion } from '../../test/opensearch/ingestion-suite';
import { describeQueries } from '../../test/opensearch/queries-suite';

let embedded: EmbeddedService;
const find = () => embedded;

beforeAll(async () => {
  embedded = await startEmbedded();
});

afterAll(() => embedded?.close());

describe('searches', () => describeQueries(find));
describe('documents', () => describeDocuments(find));
describe('indices', () => describeIndices(find));
describe('ingestion', () => describeIngestion(find));
