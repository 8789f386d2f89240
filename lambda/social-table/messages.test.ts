import Ajv from 'ajv/dist/2020';
import { messageSchema } from './message-schema';
import { SOCIAL_MESSAGES, type SocialMessage, type SocialMessageType } from './messages';
import { SocialEvent } from '../../src/social-table';
import { parseMessage as parseForFeed } from '../feed-fanout/worker/messages';
import { parseMessage as parseForCleanUp } from '../realworld-api/clean-up/messages';

const article = { articleId: 'article', authorId: 'ada' };
const tagged = { ...article, tagList: ['dragons'] };
const comment = { articleId: 'article', articleAuthorId: 'ada', authorId: 'bob', commentId: 4096 };
const follow = { follower: 'bob', followee: 'ada' };
const favorite = { articleId: 'article', userId: 'bob' };

/** One of each. */
const SAMPLES: { readonly [Type in SocialMessageType]: SocialMessage<Type> } = {
  'article-created': { type: 'article-created', ...tagged },
  'article-updated': { type: 'article-updated', ...article, changedTags: ['dragons'] },
  'article-deleted': { type: 'article-deleted', ...tagged },
  'comment-created': { type: 'comment-created', ...comment },
  'comment-deleted': { type: 'comment-deleted', ...comment },
  followed: { type: 'followed', ...follow },
  unfollowed: { type: 'unfollowed', ...follow },
  favorited: { type: 'favorited', ...favorite },
  unfavorited: { type: 'unfavorited', ...favorite },
  'profile-created': { type: 'profile-created', userId: 'ada' },
  'post-deleted': { type: 'post-deleted', postId: 'post', ownerId: 'ada' },
  'post-grants-changed': { type: 'post-grants-changed', postId: 'post' },
  'tag-deleted': { type: 'tag-deleted', tagId: 'tag', ownerId: 'ada' },
  'feed-reader-returned': { type: 'feed-reader-returned', userId: 'ada' },
  'feed-reader-left': { type: 'feed-reader-left', userId: 'ada' },
  'user-deleted': { type: 'user-deleted', userId: 'ada' },
};
const EVENTS = Object.values(SocialEvent);

const published = new Ajv({ strict: true, allErrors: true }).compile(messageSchema());
const accepts = (type: SocialMessageType, message: unknown) => SOCIAL_MESSAGES[type].safeParse(message).success;

/** Ways to spoil a message: each field left out, empty, and of another type. */
function invalidVariants(message: object): [string, object][] {
  return Object.entries(message).flatMap(([field, value]): [string, object][] => {
    const { [field]: left, ...rest } = message as Record<string, unknown>;
    return [
      [`without ${field}`, rest],
      [`with ${field} null`, { ...rest, [field]: null }],
      [`with ${field} of another type`, { ...rest, [field]: typeof value === 'string' ? 7 : 'text' }],
      ...(typeof left === 'string' ? ([[`with ${field} empty`, { ...rest, [field]: '' }]] as [string, object][]) : []),
    ];
  });
}

test('every event has a schema', () => {
  expect(Object.keys(SOCIAL_MESSAGES).sort()).toEqual([...EVENTS].sort());
});

describe.each(EVENTS)('%s', (type) => {
  const sample = SAMPLES[type];

  test('is read as it was written, and so by the schema that is published', () => {
    expect(SOCIAL_MESSAGES[type].parse(JSON.parse(JSON.stringify(sample)))).toEqual(sample);
    expect(published(sample)).toBe(true);
  });

  test('may get more fields: who reads it by these schemas goes on', () => {
    const later = { ...sample, since: '2030' };
    expect([accepts(type, later), published(later)]).toEqual([true, true]);
  });

  test.each(invalidVariants(sample))('%s is refused by both', (_, bad) => {
    expect([accepts(type, bad), published(bad)]).toEqual([false, false]);
  });
});

describe.each<[string, (body: unknown) => { type: string }, readonly SocialMessageType[]]>([
  [
    'the fan-out worker',
    parseForFeed,
    [
      ...(['article-created', 'article-deleted', 'followed', 'unfollowed'] as const),
      ...(['feed-reader-returned', 'feed-reader-left'] as const),
    ],
  ],
  ['the clean-up', parseForCleanUp, ['article-created', 'article-updated', 'article-deleted', 'comment-created']],
])('%s', (_, parse, wanted) => {
  test('reads the messages that it asks for', () => {
    expect(wanted.map((type) => parse(SAMPLES[type]))).toMatchObject(wanted.map((type) => ({ type })));
  });

  test.each(EVENTS.filter((type) => !wanted.includes(type)))('refuses %s', (type) => {
    expect(() => parse(SAMPLES[type])).toThrow('discriminator');
  });

  test.each(wanted)('refuses %s without its ids, and names what is missing', (type) => {
    expect(() => parse({ type })).toThrow(/articleId|follower|userId/);
  });

  test.each([undefined, null, 'text', 7, [], {}])('refuses %j', (body) => {
    expect(() => parse(body)).toThrow();
  });
});
