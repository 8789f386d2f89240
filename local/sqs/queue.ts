import { createHash, randomUUID } from 'node:crypto';
import { FaultSchedule, shuffled } from '../aws/faults';
import { AwsError } from '../aws/protocol';

/** A message attribute as on the wire. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

/** A message in a queue. */
export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly sentAt: number;
  readonly sender: string;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  receiptHandle?: string;
  /** ARN of the queue whose dead letter it is. */
  deadLetterSource?: string;
}

/** How a queue behaves; times in seconds as in CloudFormation. */
export interface QueueSettings {
  readonly name: string;
  /** `Stack/LogicalId`, the same in every run. */
  readonly logicalId: string;
  readonly arn: string;
  readonly url: string;
  readonly visibilityTimeout: number;
  readonly delaySeconds: number;
  readonly waitTimeSeconds: number;
  readonly retentionSeconds: number;
  readonly maximumMessageSize: number;
  /** Of the key that it is encrypted with, where that is not SQS's or AWS's own. */
  readonly keyArn?: string;
  readonly redrive?: { readonly deadLetterArn: string; readonly maxReceiveCount: number };
}

/** What a receive asks for. */
export interface ReceiveOptions {
  readonly max: number;
  readonly waitMs: number;
  readonly visibilityMs?: number;
  readonly signal?: AbortSignal;
}

/** A standard queue: at least once, in no promised order. */
export class Queue {
  private messages: Message[] = [];
  private readonly waiters = new Set<() => void>();

  /** @param deadLetter finds the dead-letter queue by its ARN when it is needed: it may be created later */
  public constructor(
    public readonly settings: QueueSettings,
    private readonly deadLetter: (arn: string) => Queue | undefined,
    private readonly faults: FaultSchedule,
    private readonly changed: () => void,
  ) {}

  /** All messages, for `/_local` and for keeping them in a data folder. */
  public get all(): readonly Message[] {
    return this.messages;
  }

  public get depth(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = Date.now();
    const hidden = this.messages.filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
    return { visible: this.messages.length - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  /** Puts back what a data folder kept; what was in flight is visible again. */
  public restore(messages: readonly Message[]): void {
    this.messages = messages.map((message) => ({ ...message, visibleAt: Math.min(message.visibleAt, Date.now()) }));
  }

  public send(
    body: string,
    attributes: Readonly<Record<string, MessageAttribute>>,
    sender: string,
    delaySeconds?: number,
  ): Message {
    const size = messageSize(body, attributes);
    if (size > this.settings.maximumMessageSize) {
      throw new AwsError(
        'InvalidParameterValue',
        `One or more parameters are invalid. Reason: Message must be shorter than ${this.settings.maximumMessageSize} bytes.`,
      );
    }
    const now = Date.now();
    const delay = delaySeconds ?? this.settings.delaySeconds;
    const message = {
      id: randomUUID(),
      body,
      attributes,
      sentAt: now,
      sender,
      visibleAt: now + delay * 1000,
      receiveCount: 0,
    };
    this.messages.push(message);
    this.touch();
    return message;
  }

  /** Takes visible messages, waiting for the first one up to `waitMs`. */
  public async receive({ max, waitMs, visibilityMs, signal }: ReceiveOptions): Promise<readonly Message[]> {
    const until = Date.now() + waitMs;
    for (;;) {
      if (signal?.aborted === true) return [];
      const taken = this.take(max, visibilityMs ?? this.settings.visibilityTimeout * 1000);
      if (taken.length > 0 || Date.now() >= until) return taken;
      await this.change(until, signal);
    }
  }

  /** Deletes by receipt handle; a handle that is no longer the message's own deletes nothing, as in AWS. */
  public delete(receiptHandle: string): void {
    this.messages = this.messages.filter((message) => message.receiptHandle !== receiptHandle);
    this.touch();
  }

  /** Makes a received message visible again after so many milliseconds; false for an unknown handle. */
  public changeVisibility(receiptHandle: string, afterMs: number): boolean {
    const message = this.messages.find((candidate) => candidate.receiptHandle === receiptHandle);
    if (message === undefined) return false;
    message.visibleAt = Date.now() + afterMs;
    this.touch();
    return true;
  }

  /** What could be received now, oldest first. */
  public receivable(): readonly Message[] {
    const now = Date.now();
    this.expire(now);
    return this.messages.filter(({ visibleAt }) => visibleAt <= now).sort((a, b) => a.sentAt - b.sentAt);
  }

  /**
   * Sends a message on to another queue, where it is a new one: its id and its time are new, and it was never received.
   *
   * @returns false where it is gone by now, or in somebody's hands
   * @throws AwsError where the other queue does not take it
   */
  public move(message: Message, target: Queue): boolean {
    const now = Date.now();
    this.expire(now);
    if (message.visibleAt > now || !this.messages.includes(message)) return false;
    target.send(message.body, message.attributes, message.sender);
    this.messages = this.messages.filter((candidate) => candidate !== message);
    this.touch();
    return true;
  }

  public purge(): void {
    this.messages = [];
    this.touch();
  }

  /** Wakes everything that waits on this queue. */
  public wake(): void {
    for (const waiter of [...this.waiters]) waiter();
  }

  private touch(): void {
    this.changed();
    this.wake();
  }

  private take(max: number, visibilityMs: number): readonly Message[] {
    const now = Date.now();
    this.expire(now);
    this.redrive(now);
    let candidates = this.messages.filter(({ visibleAt }) => visibleAt <= now);
    if (candidates.length === 0) return [];
    const fault = this.faults.next(`sqs:receive ${this.settings.logicalId}`, ['duplicate', 'reorder']);
    if (fault?.kind === 'reorder') candidates = shuffled(candidates, fault.random);
    const taken = candidates.slice(0, max);
    for (const message of taken) {
      message.receiveCount++;
      message.firstReceivedAt ??= now;
      message.receiptHandle = Buffer.from(`${message.id}/${randomUUID()}`).toString('base64');
      message.visibleAt = now + visibilityMs;
    }
    const copies = taken.map((message) => ({ ...message }));
    // Delivered again at once under another handle, although the first delivery goes well.
    if (fault?.kind === 'duplicate') for (const message of taken) message.visibleAt = now;
    this.changed();
    return copies;
  }

  private expire(now: number): void {
    const expiry = now - this.settings.retentionSeconds * 1000;
    this.messages = this.messages.filter(({ sentAt }) => sentAt > expiry);
  }

  /** A message that was received often enough goes to the dead-letter queue in place of one more receive. */
  private redrive(now: number): void {
    const { redrive } = this.settings;
    if (redrive === undefined) return;
    const dead = this.messages.filter(
      ({ visibleAt, receiveCount }) => visibleAt <= now && receiveCount >= redrive.maxReceiveCount,
    );
    const target = dead.length === 0 ? undefined : this.deadLetter(redrive.deadLetterArn);
    if (target === undefined) return;
    this.messages = this.messages.filter((message) => !dead.includes(message));
    for (const message of dead) {
      target.accept({
        ...message,
        visibleAt: now,
        receiveCount: 0,
        receiptHandle: undefined,
        deadLetterSource: this.settings.arn,
      });
    }
    this.touch();
  }

  private accept(message: Message): void {
    this.messages.push(message);
    this.touch();
  }

  /** Resolves at the next change, when a hidden message becomes visible, or at the deadline. */
  private async change(until: number, signal?: AbortSignal): Promise<void> {
    const soonest = Math.min(until, ...this.messages.map(({ visibleAt }) => visibleAt));
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiters.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, Math.min(soonest - Date.now(), 2 ** 31 - 1)));
      this.waiters.add(done);
      signal?.addEventListener('abort', done);
    });
  }
}

/** Bytes of a message as the limits count them. */
export function messageSize(body: string, attributes: Readonly<Record<string, MessageAttribute>>): number {
  return Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (StringValue === undefined ? Buffer.from(BinaryValue ?? '', 'base64').length : Buffer.byteLength(StringValue)),
    Buffer.byteLength(body),
  );
}

/** MD5 of a body, which clients check. */
export function md5(text: string): string {
  return createHash('md5').update(text, 'utf8').digest('hex');
}

/** MD5 of message attributes by the algorithm in the SQS developer guide. */
export function md5OfAttributes(attributes: Readonly<Record<string, MessageAttribute>>): string {
  const hash = createHash('md5');
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name];
    add(Buffer.from(name));
    add(Buffer.from(DataType));
    hash.update(Buffer.from([StringValue === undefined ? 2 : 1]));
    add(StringValue === undefined ? Buffer.from(BinaryValue ?? '', 'base64') : Buffer.from(StringValue));
  }
  return hash.digest('hex');
}
