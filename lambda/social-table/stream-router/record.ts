import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { EVENT_SOURCES } from '../../../src/social-table/event-sources';
import { SOCIAL_KEY_PREFIXES as PREFIX } from '../../../src/social-table/key-prefixes';
import { FAVORITE_PREFIX, FOLLOW_PREFIX, idOf } from '../keys';
import type { SocialMessage, SocialMessageType } from './events';

/** A record that lacks what its kind must have: trying again cannot help. */
class UnreadableRecord extends Error {
  public constructor(what: string) {
    super(`Unreadable record: ${what}`);
    this.name = 'UnreadableRecord';
  }
}

type Image = Readonly<Record<string, AttributeValue>>;

const TYPES = new Map<string, SocialMessageType>(
  Object.entries(EVENT_SOURCES).map(([type, { eventName, entityType }]) => [
    `${eventName} ${entityType}`,
    type as SocialMessageType,
  ]),
);

function text(image: Image, name: string): string {
  const value = image[name]?.S;
  if (!value) {
    throw new UnreadableRecord(`${name} must be a string`);
  }
  return value;
}

function integer(image: Image, name: string): number {
  const value = Number(image[name]?.N ?? NaN);
  if (!Number.isSafeInteger(value)) {
    throw new UnreadableRecord(`${name} must be an integer`);
  }
  return value;
}

/** A list of strings, also where it was stored as a set; none where it is absent. */
function texts(image: Image, name: string): string[] {
  const attribute = image[name];
  if (attribute === undefined) {
    return [];
  }
  const values = attribute.SS ?? attribute.L?.map((element) => element.S);
  if (!values?.every((value): value is string => typeof value === 'string')) {
    throw new UnreadableRecord(`${name} must be a list of strings`);
  }
  return values;
}

/** The id in a key such as `USER#<id>`. */
function keyId(keys: Image, name: string, prefix: string): string {
  const value = text(keys, name);
  if (!value.startsWith(prefix) || value.length === prefix.length) {
    throw new UnreadableRecord(`${name} must begin with ${prefix}`);
  }
  return idOf(value);
}

function message(type: SocialMessageType, keys: Image, image: Image): SocialMessage {
  switch (type) {
    case 'article-created':
    case 'article-deleted':
      return {
        type,
        articleId: text(image, 'articleId'),
        authorId: text(image, 'authorId'),
        tagList: texts(image, 'tagList'),
      };
    case 'article-updated':
      return { type, articleId: text(image, 'articleId'), authorId: text(image, 'authorId') };
    case 'comment-created':
    case 'comment-deleted':
      return {
        type,
        articleId: text(image, 'articleId'),
        articleAuthorId: text(image, 'articleAuthorId'),
        authorId: text(image, 'authorId'),
        commentId: integer(image, 'commentId'),
      };
    case 'followed':
    case 'unfollowed':
      return { type, follower: keyId(keys, 'PK', PREFIX.follow), followee: keyId(keys, 'SK', FOLLOW_PREFIX) };
    case 'favorited':
    case 'unfavorited':
      return { type, articleId: keyId(keys, 'SK', FAVORITE_PREFIX), userId: keyId(keys, 'PK', PREFIX.favorite) };
    case 'profile-created':
      return { type, userId: text(image, 'userId') };
  }
}

/**
 * The event behind a record of the table's stream; undefined where the record is none.
 *
 * @throws UnreadableRecord where the record lacks what its kind must have
 */
export function toMessage(record: DynamoDBRecord): SocialMessage | undefined {
  const change = record.dynamodb;
  const image = record.eventName === 'REMOVE' ? change?.OldImage : change?.NewImage;
  if (!change?.Keys || !image) {
    throw new UnreadableRecord('keys and image must be there');
  }
  const type = TYPES.get(`${record.eventName} ${image.entityType?.S}`);
  return type && message(type, change.Keys, image);
}
