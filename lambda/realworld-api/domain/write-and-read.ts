import { Busy } from '../../core/busy';
import { logWarning } from '../../core/logger';
import { retry } from '../../core/retry';

/** Of a read that has failed beside its write, once that is stored. */
const READ_AGAIN = { attempts: 2, baseMs: 50, capMs: 100 };

/**
 * A write, and side by side with it a read that its answer cannot do without: a request waits once for both. Where the
 * read fails, what is stored is stored, so it is read again after the write.
 *
 * @throws what the write throws, whatever became of the read
 * @throws Busy where the write is stored and cannot be read: not the failure that it would be taken for otherwise
 */
export async function withReadBeside<W, R>(write: Promise<W>, read: () => Promise<R>): Promise<[W, R]> {
  const [written, found] = await Promise.allSettled([write, read()]);
  if (written.status === 'rejected') {
    throw written.reason;
  }
  if (found.status === 'fulfilled') {
    return [written.value, found.value];
  }
  await logWarning('what is read beside a write was not read', found.reason);
  try {
    return [written.value, await retry(read, () => true, READ_AGAIN)];
  } catch (error) {
    await logWarning('what is read beside a write was not read again', error);
    throw new Busy('A write is stored, and what answers it could not be read');
  }
}
