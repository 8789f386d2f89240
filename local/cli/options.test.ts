import { helpText, readArguments } from './options';

test('start has defaults', () => {
  expect(readArguments(['start'])).toEqual({
    app: 'cdk.out',
    port: 3000,
    ports: {},
    engines: {},
    lag: {},
    verbose: false,
  });
});

test('every option is read', () => {
  const text =
    'start --app out --port 0 --dynamodb-port 8000 --admin-port 8001 --data d --dynamodb http://127.0.0.1:8000 --search embedded --lag gsi=500,search=9 --faults 7 --sample s.js --verbose';
  expect(readArguments(text.split(' '))).toEqual({
    app: 'out',
    port: 0,
    ports: { 'dynamodb-port': 8000 },
    adminPort: 8001,
    dataDir: 'd',
    engines: { dynamodb: 'http://127.0.0.1:8000', search: 'embedded' },
    lag: { gsi: 500, search: 9 },
    faultSeed: 7,
    sample: 's.js',
    verbose: true,
  });
});

test('help names every option', () => {
  expect(readArguments(['--help'])).toBe('help');
  for (const name of [
    'app',
    'port',
    'dynamodb-port',
    'admin-port',
    'data',
    'dynamodb',
    'search',
    'lag',
    'faults',
    'sample',
    'verbose',
  ]) {
    expect(helpText()).toContain(`--${name}`);
  }
});

test.each([
  ['', 'the command must be start, got none (see --help)'],
  ['stop', 'the command must be start, got stop (see --help)'],
  ['start now', 'unexpected argument now (see --help)'],
  ['start --port 70000', '--port must be a whole number from 0 to 65535, got 70000'],
  ['start --dynamodb-port x', '--dynamodb-port must be a whole number from 0 to 65535, got x'],
  ['start --admin-port 65536', '--admin-port must be a whole number from 0 to 65535, got 65536'],
  ['start --lag gsi=-1', '--lag gsi must be a whole number from 0 to 3600000, got -1'],
  ['start --lag table=1', '--lag knows gsi, reads, stream, search, ingestion, got table'],
  ['start --faults x', '--faults must be a whole number from 0 to 4294967295, got x'],
  ['start --dynamodb mysql', '--dynamodb must be dynoxide, dynamodb-local or a URL, got mysql'],
  ['start --search solr', '--search must be embedded or a URL, got solr'],
  ['start --colour', "Unknown option '--colour'"],
])('"%s" is refused', (text, message) => {
  expect(() => readArguments(text.split(' ').filter((part) => part !== ''))).toThrow(message);
});
