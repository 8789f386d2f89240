import { WriteDeadLetters, FailedDocument } from './dead-letters';
import { CallDomain, DomainResponse } from './domain-client';
import { PipelineEvent } from './events';
import { Format } from './format';
import { JavaNumber, toJson, Value } from './values';
import { Json } from '../aws/protocol';

/** What became of events. */
export interface SinkStats {
  indexed: number;
  deleted: number;
  /** A later version was there already. */
  outdated: number;
  /** In the dead-letter bucket. */
  refused: number;
}

/** What a sink is made with. */
export interface SinkOptions {
  readonly index: string;
  readonly documentId: Format;
  readonly call: CallDomain;
  readonly writeDeadLetters: WriteDeadLetters;
  readonly stats: SinkStats;
  /** Called with what is tried again. */
  readonly failed: (reason: string) => void;
  /** Waits between tries. Rejects when the pipeline ends. */
  readonly pause: (ms: number) => Promise<void>;
}

/** A line or two of a bulk request. */
interface Operation {
  readonly action: 'index' | 'delete';
  readonly id: string | undefined;
  readonly document: Value;
  readonly lines: string;
}

/** https://docs.opensearch.org/latest/data-prepper/pipelines/configuration/sinks/opensearch/: bulk_size */
const BULK_BYTES = 5 * 1024 * 1024;
/** The first and the longest pause. Data Prepper's goes up to 10 minutes, for which nobody waits here. */
const PAUSE_MS: readonly [number, number] = [50, 2000];
const NOT_RETRIED = [400, 404, 409];

/**
 * Writes events into an index, each in its place, and what the index refuses into the dead-letter bucket. What fails
 * otherwise is tried until it works.
 *
 * https://github.com/opensearch-project/data-prepper/blob/main/data-prepper-plugins/opensearch/src/main/java/org/opensearch/dataprepper/plugins/sink/opensearch/BulkRetryStrategy.java
 */
export class Sink {
  public constructor(private readonly options: SinkOptions) {}

  /** Resolves when each event is in the index or in the bucket. */
  public async write(events: readonly PipelineEvent[]): Promise<void> {
    let bulk: Operation[] = [];
    let bytes = 0;
    for (const event of events) {
      const operation = this.operation(event);
      if (operation === undefined) continue;
      const size = Buffer.byteLength(operation.lines);
      if (bytes + size >= BULK_BYTES && bulk.length > 0) {
        await this.send(bulk);
        [bulk, bytes] = [[], 0];
      }
      bulk.push(operation);
      bytes += size;
    }
    if (bulk.length > 0) await this.send(bulk);
  }

  private operation(event: PipelineEvent): Operation | undefined {
    const { index, documentId } = this.options;
    const { opensearch_action: action, document_version: version } = event.metadata;
    const id = documentId(event);
    const document = event.data;
    if (action === 'delete') {
      if (id === undefined) {
        // The client makes no request of it.
        this.refuse([failure(index, undefined, 0, "Missing required property 'DeleteOperation.id'", toJson(document))]);
        return undefined;
      }
      return { action, id, document, lines: `${actionLine('delete', index, id, version)}\n` };
    }
    // Without an id OpenSearch would make one up, and with a version it refuses the whole request then.
    const lines = `${actionLine('index', index, id, version)}\n${toJson(document)}\n`;
    return { action: 'index', id, document, lines };
  }

  private async send(operations: readonly Operation[]): Promise<void> {
    let left = operations;
    for (let tries = 0; left.length > 0; tries += 1) {
      if (tries > 0) await this.options.pause(Math.min(PAUSE_MS[1], PAUSE_MS[0] * 2 ** (tries - 1)));
      const answer = await this.answerTo(left);
      if (typeof answer === 'string') {
        this.options.failed(answer);
        continue;
      }
      if (answer.status >= 300) {
        const reason = `status ${answer.status}: ${answer.body}`;
        if (NOT_RETRIED.includes(answer.status)) {
          const { index } = this.options;
          this.refuse(left.map(({ id, document }) => failure(index, id, 0, reason, document)));
          return;
        }
        this.options.failed(`bulk request: ${reason}`);
        continue;
      }
      left = this.settle(left, itemsOf(answer));
    }
  }

  private async answerTo(operations: readonly Operation[]): Promise<DomainResponse | string> {
    try {
      return await this.options.call('POST', '/_bulk', operations.map(({ lines }) => lines).join(''));
    } catch (error) {
      // Ends here where the pipeline does.
      await this.options.pause(0);
      return `bulk request: ${error instanceof Error ? error.message : String(error)}`;
    }
  }

  /** @returns what is to be tried again */
  private settle(operations: readonly Operation[], items: readonly BulkItem[]): readonly Operation[] {
    const { stats, index } = this.options;
    const failed: FailedDocument[] = [];
    const again = operations.filter(({ action, id, document }, at) => {
      const { status, error } = items[at];
      if (error?.type === 'version_conflict_engine_exception') {
        stats.outdated += 1;
        return false;
      }
      // A deletion of what is not there says 404, and is no error: at most it is tried again, and found done.
      // https://github.com/opensearch-project/data-prepper/pull/5674
      if (error === undefined) {
        stats[action === 'delete' ? 'deleted' : 'indexed'] += 1;
        return false;
      }
      if (!NOT_RETRIED.includes(status)) {
        this.options.failed(`document ${id}: status ${status}: ${error.reason}`);
        return true;
      }
      failed.push(failure(index, id, status, messageOf(error), document));
      return false;
    });
    this.refuse(failed);
    return again;
  }

  private refuse(failed: readonly FailedDocument[]): void {
    if (failed.length === 0) return;
    this.options.writeDeadLetters(failed);
    this.options.stats.refused += failed.length;
  }
}

interface BulkError {
  readonly type: string;
  readonly reason: string;
  readonly caused_by?: BulkError;
}

interface BulkItem {
  readonly status: number;
  readonly error?: BulkError;
}

function itemsOf({ body }: DomainResponse): readonly BulkItem[] {
  const { items } = JSON.parse(body) as { readonly items: readonly Json[] };
  return items.map((item) => Object.values(item)[0] as BulkItem);
}

function messageOf({ reason, caused_by: cause }: BulkError): string {
  return cause === undefined ? reason : `${reason} caused by ${messageOf(cause)}`;
}

function actionLine(action: string, index: string, id: string | undefined, version: string | undefined): string {
  const place = { _index: index, ...(id === undefined ? {} : { _id: id }) };
  return JSON.stringify({ [action]: { ...place, version: Number(version), version_type: 'external' } });
}

function failure(
  index: string,
  id: string | undefined,
  status: number,
  message: string,
  document: Value,
): FailedDocument {
  return { index, indexId: id ?? null, status: new JavaNumber(`${status}`), message, document };
}
