import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ARTICLE, AUTHOR_TAGGED_ARTICLE } from './entities';
import { articleKey, authorTagKey } from './keys';
import { Busy } from '../core/busy';
import { batchGet, batchWrite } from '../core/dynamodb';

/** An article whose tags change while they are looked at is looked at again so often. */
const ROUNDS = 10;

/**
 * Makes the edges by author and tag of one article what they must be, for some tags: there where the article carries
 * the tag, and not where it does not or the article is gone. It may run any number of times, at any time.
 *
 * The edges are not written in a transaction with a look at the article: that would conflict with its favorites.
 * Instead the article is read once more after the writes. If it carries the same of these tags as before, the edges
 * are right: a change of tags since then writes them in its own transaction, after what was written here. If not, all
 * of them are written again, those too that were right a moment ago.
 *
 * Tags alone that are named are touched: what a run that breaks off has left is found again by the next for the same
 * tags.
 *
 * @throws Busy where the tags have not stood still
 */
export async function settleAuthorTags(
  db: DynamoDBDocumentClient,
  table: string,
  { articleId, authorId }: { readonly articleId: string; readonly authorId: string },
  tags: readonly string[],
): Promise<void> {
  const named = [...new Set(tags)];
  if (named.length === 0) {
    return;
  }
  const carriedTags = async () => {
    const [item] = await batchGet(db, [{ table, key: articleKey(authorId, articleId) }]);
    const tagList = item ? ARTICLE.read(item).tagList : [];
    return named.filter((tag) => tagList.includes(tag));
  };
  let carried = await carriedTags();
  for (let round = 0; round < ROUNDS; round++) {
    const writes = named.map((tag) =>
      carried.includes(tag)
        ? { PutRequest: { Item: AUTHOR_TAGGED_ARTICLE.item([authorId, tag, articleId], {}) } }
        : { DeleteRequest: { Key: authorTagKey(authorId, tag, articleId) } },
    );
    await batchWrite(db, table, writes);
    const before = carried.join('\n');
    carried = await carriedTags();
    if (carried.join('\n') === before) {
      return;
    }
  }
  throw new Busy(`Tags of an article kept changing in ${ROUNDS} rounds`);
}
