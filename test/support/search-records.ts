import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { DocumentSource } from '../../lambda/search-index-pipeline/source';

/** Articles' texts, as SocialTable has them. */
export const ARTICLES: DocumentSource = {
  entityTypes: ['ArticleText'],
  entityTypeAttribute: 'entityType',
  idAttributes: ['articleId'],
  versionAttribute: 'version',
  fields: ['articleId', 'title', 'tagList'],
};

export type Attributes = Record<string, AttributeValue>;

/** An article's text at a version of it. */
export const textAt = (articleId: string, version: number, more: Attributes = {}): Attributes => ({
  PK: { S: `ARTICLE#${articleId}` },
  SK: { S: 'TEXT' },
  entityType: { S: 'ArticleText' },
  articleId: { S: articleId },
  version: { N: String(version) },
  title: { S: `Title ${version}` },
  tagList: { L: [{ S: 'dragons' }] },
  ...more,
});

/** A record of the stream with both images. */
export function recordOf(sequence: number, old: Attributes | undefined, now: Attributes | undefined): DynamoDBRecord {
  const keys = (now ?? old)!;
  return {
    eventID: `event-${sequence}`,
    eventName: now ? (old ? 'MODIFY' : 'INSERT') : 'REMOVE',
    eventSourceARN: 'arn:aws:dynamodb:eu-west-1:111111111111:table/t/stream/s',
    dynamodb: {
      Keys: { PK: keys.PK, SK: keys.SK },
      SequenceNumber: String(1_000_000_000_000_000_000_000n + BigInt(sequence)),
      ...(old ? { OldImage: old } : {}),
      ...(now ? { NewImage: now } : {}),
    },
  };
}
