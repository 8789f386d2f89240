import { failedIds, Mapping, MappingRequest, WakeSignal } from '../mapping';
import { systemAttributes } from './api';
import { md5, md5OfAttributes, Message, MessageAttribute, Queue } from './queue';

/** How a queue is delivered, beside what every mapping says. */
export interface QueueMappingSettings {
  readonly maximumConcurrency: number;
  readonly region: string;
  /** The filter looks into the body as JSON. */
  readonly bodyIsJson: boolean;
}

/** A receive takes ten messages at most, as in AWS. */
const RECEIVE = 10;
const LONG_POLL_MS = 20_000;
const RETRY_MS = 200;

/** Delivers a queue to a function. */
export class QueueMapping implements Mapping {
  public readonly stats = { delivered: 0, failed: 0 };
  private readonly abort = new AbortController();
  private readonly wakeSignal = new WakeSignal();
  private readonly changed = new WakeSignal();
  private active = 0;
  private loop: Promise<void> | undefined;

  public constructor(
    private readonly request: MappingRequest,
    private readonly own: QueueMappingSettings,
    private readonly queue: Queue,
    private readonly log: (line: string) => void,
  ) {}

  public async start(): Promise<void> {
    this.loop = this.run();
    await Promise.resolve();
  }

  public async settle(): Promise<void> {
    while (this.loop !== undefined && !this.abort.signal.aborted && (this.active > 0 || this.queue.all.length > 0)) {
      // A message may also leave the queue by expiry or purge, which nothing tells.
      await this.changed.wait(50);
    }
  }

  public stop(): void {
    this.abort.abort();
    this.wakeSignal.end();
    this.changed.end();
  }

  public async close(): Promise<void> {
    this.stop();
    await this.loop;
  }

  private async run(): Promise<void> {
    const under = new Set<Promise<void>>();
    while (!this.abort.signal.aborted) {
      if (this.active >= this.own.maximumConcurrency) {
        await this.wakeSignal.wait();
        continue;
      }
      const batch = await this.gather();
      if (batch.length === 0) continue;
      this.active++;
      const run = this.deliver(batch).finally(() => {
        this.active--;
        under.delete(run);
        this.wakeSignal.wake();
        this.changed.wake();
      });
      under.add(run);
    }
    await Promise.all(under);
  }

  /** Receives until the batch is full or its window is over. */
  private async gather(): Promise<readonly Message[]> {
    const { batchSize, windowMs } = this.request.settings;
    const { signal } = this.abort;
    const batch: Message[] = [];
    let until = Infinity;
    while (batch.length < batchSize && !signal.aborted) {
      const max = Math.min(RECEIVE, batchSize - batch.length);
      const waitMs = batch.length === 0 ? LONG_POLL_MS : Math.max(0, until - performance.now());
      const messages = await this.queue.receive({ max, waitMs, signal });
      const wanted = messages.filter((message) => this.passes(message));
      // What the filter drops is deleted, as Lambda does.
      for (const { receiptHandle } of messages.filter((message) => !wanted.includes(message))) {
        this.queue.delete(receiptHandle ?? '');
      }
      if (batch.length === 0 && wanted.length > 0) until = performance.now() + windowMs;
      batch.push(...wanted);
      if (messages.length === 0 || performance.now() >= until) break;
    }
    return batch;
  }

  private passes(message: Message): boolean {
    if (!this.own.bodyIsJson) return this.request.settings.filter(this.record(message));
    try {
      return this.request.settings.filter({ ...this.record(message), body: JSON.parse(message.body) as unknown });
    } catch {
      return false;
    }
  }

  private async deliver(batch: readonly Message[]): Promise<void> {
    const failed = await this.failures(batch);
    for (const message of batch) {
      if (failed.includes(message.id)) {
        // In AWS the message comes back after the queue's visibility timeout; here sooner, so that retries are quick.
        const after = Math.min(
          this.queue.settings.visibilityTimeout * 1000,
          RETRY_MS * 2 ** Math.min(message.receiveCount, 16),
        );
        this.queue.changeVisibility(message.receiptHandle ?? '', after);
      } else {
        this.queue.delete(message.receiptHandle ?? '');
      }
    }
    this.stats.delivered += batch.length - failed.length;
    if (failed.length > 0) this.stats.failed++;
  }

  private async failures(batch: readonly Message[]): Promise<readonly string[]> {
    const ids = batch.map(({ id }) => id);
    try {
      const result = await this.request.invoke({
        Records: batch.map((message) => this.record(message)),
      });
      if (result.functionError !== undefined) return ids;
      if (!this.request.settings.reportFailures) return [];
      const failed = failedIds(result.payload, ids);
      return failed === 'all' ? ids : failed;
    } catch (error) {
      if (!this.abort.signal.aborted) {
        this.log(
          `event source of ${this.request.settings.functionArn}: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
      return ids;
    }
  }

  private record(message: Message): Readonly<Record<string, unknown>> {
    const attributes = Object.entries(message.attributes).map(
      ([name, attribute]) => [name, lambdaAttribute(attribute)] as const,
    );
    return {
      messageId: message.id,
      receiptHandle: message.receiptHandle,
      body: message.body,
      attributes: systemAttributes(message),
      messageAttributes: Object.fromEntries(attributes),
      md5OfBody: md5(message.body),
      ...(attributes.length === 0 ? {} : { md5OfMessageAttributes: md5OfAttributes(message.attributes) }),
      eventSource: 'aws:sqs',
      eventSourceARN: this.request.settings.sourceArn,
      awsRegion: this.own.region,
    };
  }
}

function lambdaAttribute({ DataType, StringValue, BinaryValue }: MessageAttribute): Readonly<Record<string, unknown>> {
  return {
    ...(StringValue === undefined ? {} : { stringValue: StringValue }),
    ...(BinaryValue === undefined ? {} : { binaryValue: BinaryValue }),
    stringListValues: [],
    binaryListValues: [],
    dataType: DataType,
  };
}
