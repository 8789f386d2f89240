import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { parseMessage } from './messages';
import { type CleanUpPorts, handleMessage } from './use-case';
import { weakReads } from '../../../test/support/engine';
import { useLogLines } from '../../../test/support/log-lines';
import { fullPostOf, postIdOf } from '../../../test/support/post-samples';
import { BOB, CID, ID, tagIds, text, usePosts, users } from '../../../test/support/post-world';
import { allowedUserKey, postKey, sharedPostKey } from '../../social-table/post-keys';
import { TagCleanUpRepository } from '../repository/tag-clean-up';

const { world, at, put, keys, putTags, create, found, whole, wanted } = usePosts();
const logged = useLogLines();

const DELETED = { type: 'post-deleted', postId: ID, ownerId: 'ada' };
const GRANTS_CHANGED = { type: 'post-grants-changed', postId: ID };
const LATER = '2026-01-01T00:00:01.000Z';

/** Works on messages until none is handed on; where time is short, after each part of the work. */
async function run(message: object, timeIsShort = false): Promise<number> {
  const queued: unknown[] = [message];
  let rounds = 0;
  while (queued.length > 0) {
    rounds++;
    await handleMessage(
      {
        posts: world.cleanUp,
        grants: world.grants,
        tags: new TagCleanUpRepository(world.tables),
        // Of users there are no messages here.
        users: {} as CleanUpPorts['users'],
        send: (next) => Promise.resolve(void queued.push(next)),
        timeIsShort: () => timeIsShort,
      },
      parseMessage(queued.shift()),
    );
  }
  return rounds;
}
const change = async (given: { tagIds?: string[]; grants?: { wanted: string[]; made: string[] }; name?: string }) => {
  const before = await found();
  const { grants, ...post } = given;
  const outcome = await world.posts.update(before, { post: { ...before, updatedAt: LATER, ...post }, grants });
  if (outcome.kind !== 'done') throw new Error('The post was not changed');
};

describe('a list of who may see a post', () => {
  test.each([
    ['is worked off, however long it is', false],
    ['is worked off in as many invocations as it takes', true],
  ])('%s', async (_, timeIsShort) => {
    await putTags(tagIds(20));
    await create({ accessType: 'allowed_user', tagIds: tagIds(20) }, users(300));
    expect(await run(GRANTS_CHANGED, timeIsShort)).toBe(timeIsShort ? 7 : 1);
    expect(await keys()).toEqual(await whole(users(300)));
    expect(await found()).toMatchObject({ version: 2, updatedAt: fullPostOf(1, 1).updatedAt });
    expect(await at(postKey(ID))).not.toHaveProperty('grantsPending');
  });

  test('takes grants that it does not name, and leaves those that it names', async () => {
    await create({ accessType: 'allowed_user' }, users(40));
    await change({ grants: { wanted: [...users(20), BOB, ...users(100)], made: users(40) } });
    await run(GRANTS_CHANGED);
    expect(await keys()).toEqual(await whole([...users(100), BOB]));
    expect(await at(allowedUserKey(ID, users(1)[0]))).toMatchObject({ postVersion: 1 });
  });

  test('may be empty', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    await run(GRANTS_CHANGED);
    await change({ grants: { wanted: [], made: users(300) } });
    await run(GRANTS_CHANGED);
    expect(await keys()).toEqual(await whole());
  });

  test('comes with edges of tags for which the transaction had no room', async () => {
    await putTags(tagIds(40));
    await create({ accessType: 'allowed_user', tagIds: tagIds(20) }, [BOB]);
    await change({ tagIds: tagIds(20, 20) });
    await run(GRANTS_CHANGED);
    expect(await keys()).toEqual(await whole([BOB]));
  });

  test('that is replaced while it is worked off is not what is made', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    let writes = 0;
    world.tables.before = async ({ operation }) => {
      if (operation === 'TransactWriteItems' && ++writes === 3) {
        world.tables.before = () => undefined;
        await change({ grants: { wanted: [CID], made: [] } });
      }
    };
    await run(GRANTS_CHANGED);
    expect(await keys()).toEqual(await whole([CID]));
  });

  test('is worked off beside changes of the post, none of which is lost', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    let writes = 0;
    world.tables.before = async ({ operation }) => {
      if (operation === 'TransactWriteItems' && ++writes % 4 === 3) {
        await change({ name: `Change ${writes}` });
      }
    };
    await run(GRANTS_CHANGED);
    expect(writes).toBeGreaterThan(10);
    expect(await keys()).toEqual(await whole(users(300)));
    expect((await found()).name).toMatch(/Change \d+/);
  });

  test('of a post that is deleted meanwhile is no more to do', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    let writes = 0;
    world.tables.before = async ({ operation }) => {
      if (operation === 'TransactWriteItems' && ++writes === 3) {
        world.tables.before = () => undefined;
        await world.posts.delete(await found());
      }
    };
    await run(GRANTS_CHANGED);
    expect((await keys()).length).toBeGreaterThan(90);
    await run(DELETED);
    expect(await keys()).toEqual([]);
  });

  test('is given up for now where the post does not stand still', async () => {
    await create({ accessType: 'allowed_user' }, users(60));
    world.tables.before = async ({ operation, input }) => {
      if (operation === 'TransactWriteItems' && JSON.stringify(input).includes('AllowedUser')) {
        await change({ name: 'New' });
      }
    };
    await expect(run(GRANTS_CHANGED)).rejects.toMatchObject({ name: 'Busy' });
    expect(await wanted()).toEqual(users(60));
  });

  test('needs no second look: a message that comes late or twice changes nothing', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    const before = await keys();
    await run(GRANTS_CHANGED);
    expect(await keys()).toEqual(before);
    expect(world.tables.calls.filter(({ operation }) => operation === 'TransactWriteItems')).toHaveLength(1);
    await run({ ...GRANTS_CHANGED, postId: postIdOf(2) });
    expect(await keys()).toEqual(before);
  });
});

describe('a deleted post', () => {
  test.each([false, true])('leaves nothing, however many could see it, even where time is short: %s', async (short) => {
    await putTags(tagIds(40));
    await create({ accessType: 'allowed_user', tagIds: tagIds(20) }, users(300));
    await run(GRANTS_CHANGED);
    await change({ tagIds: tagIds(20, 20) });
    await world.posts.create({ ...fullPostOf(2, 1), accessType: 'allowed_user' }, [BOB]);
    const others = (await keys()).filter((key) => key.includes(postIdOf(2)));
    await world.posts.delete(await found());
    expect(await run(DELETED, short)).toBe(short ? 4 : 1);
    expect(await keys()).toEqual(others);
  });

  test('is looked at twice in vain', async () => {
    await run(DELETED);
    expect(world.tables.calls).toHaveLength(2);
  });

  test('that is still there keeps everything', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    await run(DELETED);
    expect(await keys()).toEqual(await whole([BOB]));
  });

  test('is cleaned up to the end after a pass that broke off', async () => {
    await create({ accessType: 'allowed_user' }, [BOB]);
    await world.posts.delete(await found());
    world.tables.before = ({ operation, input }) => {
      if (operation === 'BatchWriteItem' && JSON.stringify(input).includes('ALLOWED_USER')) {
        throw new Error('broken off');
      }
    };
    await expect(run(DELETED)).rejects.toThrow('broken off');
    expect(await keys()).toEqual([text(allowedUserKey(ID, BOB))]);
    await put({ ...sharedPostKey(BOB, ID) });
    world.tables.before = () => undefined;
    await run(DELETED);
    expect(await keys()).toEqual([]);
  });
});

describe('the function', () => {
  let sent: string[];
  let handler: (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;
  const eventOf = (...messages: unknown[]) => {
    const Records = messages.map((message, index) => ({
      messageId: `message-${index}`,
      body: JSON.stringify(message),
      attributes: { ApproximateReceiveCount: '1' },
    }));
    return { Records } as SQSEvent;
  };

  beforeEach(() => {
    sent = [];
    const sendAll = (_: unknown, queueUrl: string, bodies: string[]) => sent.push(queueUrl, ...bodies);
    jest.resetModules();
    jest.doMock('../../core/sqs', () => ({ sqs: () => undefined, sendAll }));
    jest.doMock('../../core/aws-clients', () => ({ dynamoDb: () => world.tables.db }));
    Object.assign(process.env, {
      AWS_REGION: 'eu-west-1',
      TABLE_NAME: world.tables.social,
      ACCOUNTS_TABLE_NAME: world.tables.accounts,
      USER_POOL_ID: 'eu-west-1_Abcdefghi',
      QUEUE_URL: 'https://sqs.example/queue',
    });
    ({ handler } = jest.requireActual<typeof import('./index')>('./index'));
  });

  test('hands on what does not fit its time', async () => {
    await create({ accessType: 'allowed_user' }, users(300));
    let asked = 0;
    const context = { getRemainingTimeInMillis: () => (asked++ === 0 ? 60_000 : 1_000) } as Context;
    expect(await handler(eventOf(GRANTS_CHANGED), context)).toEqual({ batchItemFailures: [] });
    expect(sent).toEqual(['https://sqs.example/queue', JSON.stringify(GRANTS_CHANGED)]);
    expect(await found()).toMatchObject({ grantsPending: true });
  });

  test('reports the message that failed alone', async () => {
    await create({ accessType: 'allowed_user' }, users(60));
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    expect(await handler(eventOf({ type: 'followed' }, GRANTS_CHANGED), context)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }],
    });
    expect(logged()).toEqual([expect.objectContaining({ level: 'ERROR', messageId: 'message-0' })]);
    expect(await keys()).toEqual(await whole(users(60)));
    expect(weakReads(world.tables.calls)).toEqual([]);
  });
});
