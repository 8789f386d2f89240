/** When an article was created, in ms: its id is a UUIDv7. */
export function creationTime(articleId: string): number {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(articleId)) {
    throw new Error(`articleId must be a UUIDv7, got: ${articleId}`);
  }
  return parseInt(articleId.slice(0, 8) + articleId.slice(9, 13), 16);
}

/** When feeds stop to show an article, in epoch seconds: follows from the article alone, so that a row written twice is the same. */
export const expiryOf = (articleId: string, ttlSeconds: number): number =>
  Math.floor(creationTime(articleId) / 1000) + ttlSeconds;
