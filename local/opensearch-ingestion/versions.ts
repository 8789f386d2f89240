/**
 * Versions of documents, from the second of a change and its place among those that were read of that second. Whoever
 * begins anew within a second counts from 0 again, as Data Prepper does for each reader of a shard: what was counted
 * higher before then wins over what came after it.
 *
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/dynamodb-source/src/main/java/org/opensearch/dataprepper/plugins/source/dynamodb/converter/StreamRecordConverter.java
 * (calculateTieBreakingVersionFromTimestamp)
 */
export class VersionCounter {
  private second: number | undefined;
  private seen = 0;

  /** @param second of the change, since 1970 */
  public next(second: number): number {
    if (this.second !== undefined && this.second > second) return second * 1_000_000;
    this.seen = this.second === second ? this.seen + 1 : 0;
    this.second = second;
    return second * 1_000_000 + this.seen;
  }
}

/** An export is older than every change: its documents have this one, always. */
export const EXPORT_VERSION = 0;
