/**
 * The embedded subset answers what a real OpenSearch answered (`test/opensearch/answers.json`), and the tests of writes,
 * versions, mappings and aliases that pass there pass here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDomain, TestDomain } from './testing';
import { type Answer, answerOf, pagesOf } from '../../test/opensearch/answer';
import { DOCUMENTS, INDEX } from '../../test/opensearch/documents';
import { describeDocuments } from '../../test/opensearch/documents-suite';
import { describeIndices } from '../../test/opensearch/indices-suite';
import { PAGED, QUERIES } from '../../test/opensearch/queries';
import { type SearchService, succeed } from '../../test/opensearch/service';

const FILE = join(__dirname, '..', '..', 'test', 'opensearch', 'answers.json');
const RECORDED = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Record<string, Answer>>;

let domain: TestDomain;
let service: SearchService;

beforeAll(async () => {
  domain = await startDomain();
  const authorization = 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/es/aws4_request, Signature=0';
  service = { url: domain.url, headers: { authorization } };
  await succeed(service, 'PUT', 'queries', INDEX);
  const lines = DOCUMENTS.flatMap((document) => [{ index: { _id: document.articleId } }, document]);
  const { errors } = await succeed<{ errors: boolean }>(service, 'POST', 'queries/_bulk?refresh=true', lines);
  expect(errors).toBe(false);
});

afterAll(async () => domain.close());

describe.each(Object.entries(QUERIES))('searches: %s', (group, queries) => {
  it.each(queries.map(({ name, body }) => [name, body] as const))('%s', async (name, body) => {
    const recorded = RECORDED[group]?.[name];
    expect(recorded).toBeDefined();
    expect(await answerOf(service, 'queries', body)).toEqual(recorded);
  });
});

describe('searches: pages to the end', () => {
  it.each(PAGED)('$name', async ({ body, all }) => {
    expect((await pagesOf(service, 'queries', body)).flat()).toEqual(all);
  });
});

describe('documents', () => describeDocuments(() => service));
describe('indices', () => describeIndices(() => service));
