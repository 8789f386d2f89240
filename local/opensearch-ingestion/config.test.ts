import { readConfig } from './config';
import { PipelineEvent } from './events';
import { Changes, pipelineYaml, ROLE } from './testing';
import { JavaNumber } from './values';

const refuse = (message: string): never => {
  throw new Error(message);
};
const read = (changes?: Changes) => readConfig(pipelineYaml({}, changes), 'us-east-1', refuse);

const event = (data: PipelineEvent['data']): PipelineEvent => ({
  data,
  metadata: { primary_key: 'p|s', partition_key: 'p', sort_key: 's' },
});

test('says where documents come from and go to, and by which role', () => {
  expect(read()).toMatchObject({
    name: 'books',
    roleArn: ROLE,
    tableArn: 'arn:aws:dynamodb:us-east-1:000000000000:table/Books',
    export: { bucket: 'exports', prefix: 'export/' },
    viewOnRemove: 'OLD_IMAGE',
    host: 'http://127.0.0.1:9',
    index: 'books',
    deadLetters: { bucket: 'dead-letters', prefix: 'refused/' },
  });
  expect(read({ '            view_on_remove: "OLD_IMAGE"\n': '' }).viewOnRemove).toBe('NEW_IMAGE');
  expect(
    read({ '            s3_prefix': '            s3_sse_kms_key_id: "k"\n            s3_prefix' }).export?.keyId,
  ).toBe('k');
});

test('processors drop what the condition names, and keep the entries that are named and there', () => {
  const [drop, select] = read().processors;
  const film = event({ kind: 'Film' });
  const book = event({ kind: 'Book', isbn: '1', title: null, pages: '9' });
  expect([drop(film), drop(book)]).toEqual([undefined, book]);
  expect(select(book)).toEqual({ ...book, data: { isbn: '1' } });
});

test.each<[format: string, data: PipelineEvent['data'], id: string | undefined]>([
  ['${/isbn}|${/edition}', { isbn: 'x', edition: '2' }, 'x|2'],
  ['${/isbn}', { isbn: new JavaNumber('3.937E+4') }, '3.937E+4'],
  ['${/isbn}|${/edition}', { isbn: 'x' }, undefined],
  ['${/isbn}', { isbn: null }, undefined],
  ['b-${/deep/id}', { deep: { id: '7' } }, 'b-7'],
  ['${getMetadata(\\"primary_key\\")}', {}, 'p|s'],
  ['${getMetadata(\\"partition_key\\")}.${getMetadata(\\"sort_key\\")}', {}, 'p.s'],
])('the document id %s of %j is %s', (format, data, id) => {
  expect(read({ '"${/isbn}"': `"${format}"` }).documentId(event(data))).toBe(id);
});

test.each<[line: string, other: string, message: string]>([
  ['version: "2"', 'version: "1"', 'version must be "2", got "1"'],
  ['version: "2"', 'version: "2"\nother:\n  a: 1', 'must have one pipeline, got other, books'],
  ['books:\n', 'books:\n  workers: 2\n', 'books.workers is not supported here'],
  ['  source:\n    dynamodb:', '  source:\n    s3:', 'books.source.s3 is not supported here'],
  ['acknowledgments: true', 'acknowledgments: false', 'dynamodb.acknowledgments must be true, got false'],
  [
    '          stream:',
    '          other: 1\n          stream:',
    'books.source.dynamodb.tables[0].other is not supported',
  ],
  [
    '            s3_prefix',
    '            s3_acl: x\n            s3_prefix',
    'tables[0].export.s3_acl is not supported here',
  ],
  ['"LATEST"', '"TRIM_HORIZON"', 'stream.start_position must be one of LATEST, got TRIM_HORIZON'],
  ['"OLD_IMAGE"', '"BOTH"', 'stream.view_on_remove must be one of NEW_IMAGE, OLD_IMAGE, got BOTH'],
  ['region: "us-east-1"', 'region: "eu-west-1"', 'tables[0].export.s3_region must be us-east-1, got "eu-west-1"'],
  ['    - drop_events:', '    - date:\n        a: 1\n    - drop_events:', 'processor[0].date is not supported here'],
  [
    'drop_when: "/kind != \\"Book\\""',
    'drop_when: "/pages > 5"',
    'processor[0].drop_events.drop_when "/pages > 5": a comp',
  ],
  [
    '    - select_entries:',
    '      select_entries:',
    'processor[0].drop_events or select_entries must be there, and one',
  ],
  ['- "title"', '- "a/b"', 'select_entries.include_keys must be names of attributes, got a/b'],
  [
    '        index_type:',
    '        routing: "x"\n        index_type:',
    'sink[0].opensearch.routing is not supported here',
  ],
  ['          - "http', '          - "a"\n          - "http', 'opensearch.hosts must be one address, got 2'],
  ['index: "books"', 'index: "books-%{yyyy}"', 'opensearch.index must be one name for all documents here'],
  ['"management_disabled"', '"custom"', 'opensearch.index_type must be management_disabled, got "custom"'],
  ['"${/isbn}"', '"${/isbn"', 'opensearch.document_id "${/isbn": ${/isbn is not supported here'],
  ['"${/isbn}"', '"${getMetadata(\\"x\\")}"', '${getMetadata("x")} is not supported here'],
  ['\\"opensearch_action\\"', '\\"other\\"', 'opensearch.action must be ${getMetadata("opensearch_action")}, got'],
  ['\\"document_version\\"', '\\"other\\"', 'opensearch.document_version must be ${getMetadata("document_version")}'],
  ['"external"', '"internal"', 'opensearch.document_version_type must be external, got "internal"'],
  [
    '          region: "us-east-1"\n',
    '          region: "us-east-1"\n          serverless: true\n',
    'aws.serverless is not',
  ],
  [`          sts_role_arn: "${ROLE}"`, '          sts_role_arn: "arn:x"', 'must be the one role of the pipeline'],
  ['        dlq:\n          s3:', '        dlq:\n          file:', 'dlq.file is not supported here'],
  ['            bucket: "dead-letters"\n', '', 'dlq.s3.bucket must be a text, got undefined'],
  ['version: "2"', 'version: "2"\nversion: "2"', 'is no YAML: Map keys must be unique'],
  ['version: "2"', 'version: [', 'is no YAML: '],
])('%s as %s is refused by its path', (line, other, message) => {
  expect(() => read({ [line]: other })).toThrow(message);
});
