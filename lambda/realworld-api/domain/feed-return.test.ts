import { getFeed, type Mark } from './feed';
import { ME, NOW, Stream, TTL, WINDOW } from '../../../test/support/feed-stream';
import { userIdOf } from '../../../test/support/samples';

let stream: Stream;

const feed = (limit?: number, offset?: number) => stream.feed(limit, offset);

beforeEach(() => {
  stream = new Stream();
});

describe('who returns after long', () => {
  beforeEach(() => {
    stream.follow(2);
    stream.follow(3);
    for (let n = 1; n <= 6; n++) stream.add(n, 2 + (n % 2), { row: n < 3 });
  });

  test('has the articles laid over that did not come in, each once', async () => {
    expect(await feed()).toMatchObject({ numbers: [2, 1], count: 2 });
    stream.dormant.add(userIdOf(2));
    // What is said of an earlier time says nothing.
    stream.filled.set(userIdOf(2), NOW - TTL);
    expect(await feed()).toMatchObject({ numbers: [6, 4, 2, 1], count: 4 });
    stream.dormant.add(userIdOf(3));
    expect(await feed(2, 1)).toMatchObject({ numbers: [5, 4], count: 6 });
  });

  test('has them laid over until the feed has them for longer than reads may be behind', async () => {
    stream.restored.set(userIdOf(2), NOW - 15_000);
    stream.filled.set(userIdOf(2), NOW - 15_000);
    expect(await feed()).toMatchObject({ count: 4 });
    stream.filled.set(userIdOf(2), NOW - 15_001);
    expect(await feed()).toMatchObject({ count: 2 });
  });

  test('has them laid over for the window where it is not known that the feed has them', async () => {
    stream.restored.set(userIdOf(2), NOW - WINDOW);
    expect(await feed()).toMatchObject({ count: 4 });
    stream.restored.set(userIdOf(2), NOW - WINDOW - 1);
    expect(await feed()).toMatchObject({ count: 2 });
  });
});

describe('that somebody reads their feed', () => {
  const asked: unknown[][] = [];
  const asks = (mark: Mark) => {
    stream.activity = {
      markOf: async (...about) => (asked.push(['markOf', ...about]), mark),
      note: async (...about) => void asked.push(['note', ...about]),
    };
  };
  const noted = async (mark: Mark) => {
    asks(mark);
    await feed();
    return asked.splice(0).slice(1);
  };
  beforeEach(() => {
    asked.splice(0);
    stream.follow(2);
  });

  test('is noted where it is time to', async () => {
    asks('young');
    await feed();
    expect(asked.splice(0)).toEqual([['markOf', ME.userId, NOW]]);
    expect(await noted('old')).toEqual([]);
    for (const mark of ['none', 'due'] as const) {
      expect(await noted(mark)).toEqual([['note', ME.userId, NOW, false]]);
    }
  });

  test('is told anew where the mark is of before and a follow is dormant all the same', async () => {
    stream.dormant.add(userIdOf(2));
    // They have just come back, and the stream tells of it; or it is about to.
    expect(await noted('young')).toEqual([]);
    expect(await noted('none')).toEqual([['note', ME.userId, NOW, false]]);
    for (const mark of ['old', 'due'] as const) {
      expect(await noted(mark)).toEqual([['note', ME.userId, NOW, true]]);
    }
  });

  test('is not noted of who is refused', async () => {
    asks('none');
    await expect(getFeed(stream.ports(), 'ended', { limit: 1, offset: 0 })).rejects.toThrow();
    expect(asked.filter(([what]) => what === 'note')).toEqual([]);
  });
});

test('of many who are dormant all articles are there, sorted a few times and not for each', async () => {
  stream.readCap = 10;
  for (let n = 2; n < 99; n++) {
    stream.follow(n);
    stream.dormant.add(userIdOf(n));
    stream.add(n, n);
  }
  const sort = jest.spyOn(Array.prototype, 'sort');
  const page = await feed();
  const sorts = sort.mock.calls.length;
  sort.mockRestore();
  expect(page).toMatchObject({ numbers: Array.from({ length: 10 }, (_, n) => 98 - n), count: 10 });
  expect(sorts).toBeLessThan(20);
});
