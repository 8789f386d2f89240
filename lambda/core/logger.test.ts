import * as path from 'node:path';
import { bundled } from '../../test/support/bundled';

const { logError, logWarning } = bundled<typeof import('./logger')>(path.join(__dirname, 'logger.ts'));

let lines: string[];

beforeEach(() => {
  lines = [];
  for (const stream of [process.stdout, process.stderr]) {
    jest.spyOn(stream, 'write').mockImplementation((line) => {
      lines.push(String(line).trim());
      return true;
    });
  }
});

afterEach(() => jest.restoreAllMocks());

const parsed = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

test('an error is logged by its kind and its place, with the fields given, as one line of JSON', async () => {
  await logError('request failed', new TypeError('secret-text'), { requestId: 'request-1', count: 2 });
  const [line, ...others] = parsed();
  expect(others).toEqual([]);
  expect(line).toMatchObject({
    level: 'ERROR',
    message: 'request failed',
    error: 'TypeError',
    requestId: 'request-1',
    count: 2,
  });
  expect(line.at).toMatch(/^at .*logger\.test\.ts:\d+:\d+/);
});

test('the message of an error, its cause and what hangs on it stay out of the log', async () => {
  const error = Object.assign(new Error('password hunter2', { cause: new Error('token abc') }), {
    $response: { body: 'mail@example.com' },
    Item: { passwordHash: 'hash' },
  });
  await logError('request failed', error);
  expect(lines.join()).not.toMatch(/hunter2|abc|mail@example\.com|hash/);
});

test('a message that looks like a stack stays out of the log too', async () => {
  await logError('request failed', new Error('Unexpected token in\n    at hunter2 (body:1:1)\nat hunter2\nend'));
  expect(lines.join()).not.toContain('hunter2');
  expect(parsed()[0].at).toMatch(/^at .*logger\.test\.ts/);
});

test.each([
  ['a string', 'hunter2'],
  ['nothing', undefined],
  ['an object', { password: 'hunter2' }],
])('%s that was thrown is logged by its type alone', async (_, thrown) => {
  await logError('request failed', thrown);
  expect(parsed()[0]).toMatchObject({ error: typeof thrown });
  expect(lines.join()).not.toContain('hunter2');
});

test('an error without a stack is logged all the same', async () => {
  const error = new RangeError('hunter2');
  error.stack = undefined;
  await logError('request failed', error);
  expect(parsed()[0]).toMatchObject({ error: 'RangeError' });
});

test('a line carries the name of the service', async () => {
  process.env.POWERTOOLS_SERVICE_NAME = 'realworld-api';
  const named = bundled<typeof import('./logger')>(path.join(__dirname, 'logger.ts'));
  await named.logWarning('message passed over', new Error());
  delete process.env.POWERTOOLS_SERVICE_NAME;
  expect(parsed()[0]).toMatchObject({ service: 'realworld-api' });
});

test('a warning says what failed, and nothing of its data', async () => {
  await logWarning('message passed over', new RangeError('hunter2'));
  expect(parsed()[0]).toMatchObject({ level: 'WARN', message: 'message passed over', error: 'RangeError' });
  expect(JSON.stringify(parsed())).not.toContain('hunter2');
});
