import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { EVENT_SOURCES } from '../../../src/social-table/event-sources';
import { SOCIAL_KEY_PREFIXES as PREFIX } from '../../../src/social-table/key-prefixes';
import { FAVORITE_PREFIX, FOLLOW_PREFIX, idOf } from '../keys';
import { SOCIAL_MESSAGES, type SocialMessage, type SocialMessageType } from '../messages';

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

/** A list of strings, also where it was stored as a set; none where it is absent, undefined where it is no list. */
function texts(attribute: AttributeValue | undefined): (string | undefined)[] | undefined {
  return attribute === undefined ? [] : (attribute.SS ?? attribute.L?.map((element) => element.S));
}

/** What one of two lists has and the other has not. */
function changes(before: AttributeValue | undefined, after: AttributeValue | undefined): unknown {
  const [old, now] = [texts(before), texts(after)];
  return old && now && [...old.filter((text) => !now.includes(text)), ...now.filter((text) => !old.includes(text))];
}

const number = (attribute: AttributeValue | undefined) => attribute?.N && Number(attribute.N);

/** The id in a key such as `FOLLOWS#<id>`; undefined where the key is another. */
const keyId = (key: AttributeValue | undefined, prefix: string) =>
  key?.S?.startsWith(prefix) ? idOf(key.S) : undefined;

/** What the record says for each field that a message may have, whatever it is worth: the schema judges. */
function fields(type: SocialMessageType, keys: Image, image: Image, old?: Image): Record<string, unknown> {
  switch (type) {
    case 'followed':
    case 'unfollowed':
      return { follower: keyId(keys.PK, PREFIX.follow), followee: keyId(keys.SK, FOLLOW_PREFIX) };
    case 'favorited':
    case 'unfavorited':
      return { articleId: keyId(keys.SK, FAVORITE_PREFIX), userId: keyId(keys.PK, PREFIX.favorite) };
    default:
      return {
        articleId: image.articleId?.S,
        articleAuthorId: image.articleAuthorId?.S,
        authorId: image.authorId?.S,
        commentId: number(image.commentId),
        tagList: texts(image.tagList),
        changedTags: changes(old?.tagList, image.tagList),
        userId: image.userId?.S,
        postId: image.postId?.S,
        tagId: image.tagId?.S,
        ownerId: image.ownerId?.S,
      };
  }
}

/** The message, with the fields of its schema alone. Errors name fields, and nothing of what they hold. */
function message(type: SocialMessageType, keys: Image, image: Image, old?: Image): SocialMessage {
  const { data, error } = SOCIAL_MESSAGES[type].safeParse({ type, ...fields(type, keys, image, old) });
  if (!data) {
    const wrong = new Set(error.issues.map(({ path }) => String(path[0])));
    throw new UnreadableRecord(`${type} needs ${[...wrong].join(', ')}`);
  }
  return data;
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
  return type && message(type, change.Keys, image, change.OldImage);
}
