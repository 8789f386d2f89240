import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import { id } from '../../social-table/messages';
import { type FeedSource, idIn, type KeyPart, type SourceTable } from '../source';
import { isTimedId } from '../worker/article-times';
import type { ArticleMessage, FollowMessage } from '../worker/messages';

/** A record of which the worker cannot be told: trying again cannot help. */
class UnreadableRecord extends Error {
  public constructor(what: string) {
    super(`Unreadable record: ${what}`);
    this.name = 'UnreadableRecord';
  }
}

type Keys = Readonly<Record<string, AttributeValue>>;

/** `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>` */
const tableOf = (streamArn: string | undefined) => streamArn?.split('/')[1];

/** The id in one attribute of the keys; undefined where it is of another kind of item. */
function idOf(keys: Keys, part: KeyPart): string | undefined {
  const value = keys[part.attribute]?.S;
  if (value === undefined) {
    throw new UnreadableRecord(`key ${part.attribute} must be a text`);
  }
  return idIn(part, value);
}

/** The two ids in the keys of a record; undefined where it is not one of this table and kind. */
function idsOf(table: SourceTable, name: string, keys: Keys): [string, string] | undefined {
  if (table.tableName !== name) {
    return undefined;
  }
  const [owner, own] = [idOf(keys, table.partition), idOf(keys, table.sort)];
  return owner === undefined || own === undefined ? undefined : [owner, own];
}

/** Errors name fields, and nothing of what they hold. */
function check(fields: Readonly<Record<string, string>>): void {
  const wrong = Object.entries(fields).flatMap(([name, value]) => (id.safeParse(value).success ? [] : [name]));
  if (wrong.length > 0) {
    throw new UnreadableRecord(`needs ${wrong.join(', ')}`);
  }
}

/**
 * What a change of the user's tables is to the worker: items and followers that came and went. Their keys say all of it,
 * so that a stream of any view will do. Undefined for what is neither, and for an item that is written anew.
 *
 * @throws UnreadableRecord where an item has no id that sorts by time, or an id has no length or too much of it
 */
export function toMessage(source: FeedSource, record: DynamoDBRecord): ArticleMessage | FollowMessage | undefined {
  const { eventName, dynamodb: { Keys: keys } = {} } = record;
  if (eventName === 'MODIFY') {
    return undefined;
  }
  const name = tableOf(record.eventSourceARN);
  if (!keys || name === undefined || eventName === undefined) {
    throw new UnreadableRecord('keys, stream and kind of change must be there');
  }
  const isNew = eventName === 'INSERT';
  const item = idsOf(source.items, name, keys);
  if (item) {
    const [authorId, articleId] = item;
    check({ authorId, articleId });
    if (!isTimedId(articleId)) {
      throw new UnreadableRecord('the id of an item must be a UUIDv7 or a ULID');
    }
    return { type: isNew ? 'article-created' : 'article-deleted', authorId, articleId };
  }
  const follow = idsOf(source.followers, name, keys);
  if (!follow) {
    return undefined;
  }
  const [followee, follower] = follow;
  check({ followee, follower });
  return { type: isNew ? 'followed' : 'unfollowed', followee, follower };
}
