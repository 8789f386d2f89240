import { randomInt } from 'node:crypto';
import type { Key, NamedWrites, TableWrites, Write } from '../../core/dynamodb';
import { AUTHOR_COUNT, AUTHOR_TAGGED_ARTICLE, TAGGED_ARTICLE, TIMELINE_COUNT } from '../../social-table/entities';
import {
  AUTHOR_COUNT_SHARDS,
  authorCountKey,
  authorTagKey,
  tagEdgeKey,
  TIMELINE_COUNT_SHARDS,
  timelineCountKey,
} from '../../social-table/keys';
import type { ArticleRef } from '../domain/model';

/** What lists and counts an article, as writes of the transaction that changes it. */
export class ArticleEdges {
  /** @param shards on how many partitions the social table spreads what everybody writes */
  public constructor(
    private readonly writes: TableWrites,
    private readonly shards: number,
  ) {}

  public ofTags(tags: readonly string[], { articleId, authorId }: ArticleRef): NamedWrites {
    const edges = tags.map((tag): [string, Write] => [
      `edge of ${tag}`,
      this.writes.put(TAGGED_ARTICLE.item([tag, articleId], { authorId })),
    ]);
    return Object.fromEntries(edges);
  }

  public removed(tags: readonly string[], { articleId }: ArticleRef): NamedWrites {
    const edges = tags.map((tag): [string, Write] => [
      `edge of ${tag}`,
      this.writes.remove(tagEdgeKey(tag, articleId)),
    ]);
    return Object.fromEntries(edges);
  }

  /** Of a new article they follow from the stream; a change writes them, so that a message that is late finds them right. */
  public ofAuthorAndTags(
    added: readonly string[],
    dropped: readonly string[],
    { articleId, authorId }: ArticleRef,
  ): NamedWrites {
    const { put, remove } = this.writes;
    const edges: [string, Write][] = [
      ...added.map((tag): [string, Write] => [tag, put(AUTHOR_TAGGED_ARTICLE.item([authorId, tag, articleId], {}))]),
      ...dropped.map((tag): [string, Write] => [tag, remove(authorTagKey(authorId, tag, articleId))]),
    ];
    return Object.fromEntries(edges.map(([tag, write]) => [`author's edge of ${tag}`, write]));
  }

  /** One article more or less, of all and of an author's: on shards chosen anew with each try. */
  public counts({ articleId, authorId }: ArticleRef, by: 1 | -1): NamedWrites {
    const ofAll = timelineCountKey(articleId, this.shards, randomInt(TIMELINE_COUNT_SHARDS));
    return {
      timelineCount: this.count(ofAll, by, TIMELINE_COUNT.type),
      authorCount: this.count(authorCountKey(authorId, randomInt(AUTHOR_COUNT_SHARDS)), by, AUTHOR_COUNT.type),
    };
  }

  /** Moves `articlesCount`, of an author or of the timeline. */
  private count(key: Key, by: 1 | -1, entityType: string): Write {
    return this.writes.update(key, { set: { entityType }, add: { articlesCount: by } });
  }
}
