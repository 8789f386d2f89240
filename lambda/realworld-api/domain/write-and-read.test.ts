import { withReadBeside } from './write-and-read';
import { useLogLines } from '../../../test/support/log-lines';
import { awsError } from '../../../test/support/secrets';

const logged = useLogLines();

/** A read that fails so many times. */
const failing = (times: number) => {
  const read = jest.fn(async () => {
    if (read.mock.calls.length <= times) throw awsError('ThrottlingException');
    return 'read';
  });
  return read;
};

test('both are under way at once, and neither is logged', async () => {
  let release: (value: string) => void = () => undefined;
  const write = new Promise<string>((resolve) => (release = resolve));
  const read = async () => (release('written'), 'read');
  await expect(withReadBeside(write, read)).resolves.toEqual(['written', 'read']);
  expect(logged()).toEqual([]);
});

test('a read that fails is done again after the write, and logged', async () => {
  await expect(withReadBeside(Promise.resolve('written'), failing(1))).resolves.toEqual(['written', 'read']);
  expect(logged()).toEqual([expect.objectContaining({ level: 'WARN', error: 'ThrottlingException' })]);
});

test('a read that goes on failing ends as a busy moment: the same may be asked again', async () => {
  const read = failing(100);
  await expect(withReadBeside(Promise.resolve('written'), read)).rejects.toMatchObject({ name: 'Busy' });
  expect(read).toHaveBeenCalledTimes(3);
  expect(logged()).toHaveLength(2);
});

test('a write that fails is what is told, and nothing is read again', async () => {
  const read = failing(1);
  const refused = new Error('no right');
  await expect(withReadBeside(Promise.reject(refused), read)).rejects.toBe(refused);
  expect(read).toHaveBeenCalledTimes(1);
});
