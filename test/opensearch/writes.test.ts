/** What a real OpenSearch, `OPENSEARCH_URL`, makes of writes. */
import { describeDocuments } from './documents-suite';
import { describeIndices } from './indices-suite';
import { describeIngestion } from './ingestion-suite';
import { openSearch } from './service';

describe('documents', () => describeDocuments(openSearch));
describe('indices', () => describeIndices(openSearch));
describe('ingestion', () => describeIngestion(openSearch));
