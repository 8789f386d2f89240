import { join } from 'node:path';
import { sqsError } from './errors';
import { Message, Queue } from './queue';
import { readJson, writeJson } from '../json-file';

const SAVE_AFTER_MS = 200;

/** The queues of the run, kept in a data folder where there is one. */
export class Queues {
  private readonly byName = new Map<string, Queue>();
  private readonly file: string | undefined;
  private readonly kept: Readonly<Record<string, readonly Message[]>>;
  private timer: NodeJS.Timeout | undefined;

  public constructor(dataDir: string | undefined) {
    this.file = dataDir === undefined ? undefined : join(dataDir, 'queues.json');
    this.kept = (this.file === undefined ? {} : (readJson(this.file) ?? {})) as Readonly<
      Record<string, readonly Message[]>
    >;
  }

  public add(queue: Queue): void {
    const kept = this.kept[queue.settings.name];
    if (kept !== undefined) queue.restore(kept);
    this.byName.set(queue.settings.name, queue);
  }

  public all(): readonly Queue[] {
    return [...this.byName.values()];
  }

  public byArn(arn: string): Queue | undefined {
    return this.all().find(({ settings }) => settings.arn === arn);
  }

  /** By URL or name. */
  public get(url: string): Queue {
    const queue = this.byName.get(queueName(url));
    if (queue === undefined) {
      throw sqsError('QueueDoesNotExist', 'The specified queue does not exist.');
    }
    return queue;
  }

  /** Plans to save; a crash may lose or repeat what changed since. */
  public readonly changed = (): void => {
    if (this.file === undefined) return;
    this.timer ??= setTimeout(() => this.save(), SAVE_AFTER_MS).unref();
  };

  /** Wakes every long poll, so that it sees the end. */
  public wake(): void {
    for (const queue of this.all()) queue.wake();
  }

  /** Writes the messages to the data folder. */
  public close(): void {
    if (this.file !== undefined) this.save();
  }

  private save(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.file === undefined) return;
    const messages = this.all().map((queue) => [queue.settings.name, queue.all] as const);
    writeJson(this.file, Object.fromEntries(messages));
  }
}

/** The last part of a queue's URL. */
export function queueName(url: string): string {
  return url.split('/').pop() ?? url;
}
