import type { SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { VirtualTime } from './time';
import { type Change, type Circumstances, type KeyNames, MemoryDynamoDb } from '../memory/dynamodb';

/** What goes wrong in a run, and how often; chances from 0 to 1. */
export interface Weather {
  /** Faults that happen at most, over the whole run. */
  faults: number;
  /** A function dies at a call of its own, before or after that took effect. */
  readonly crash: number;
  /** A call is refused for want of capacity, after all tries of the SDK. */
  readonly throttle: number;
  /** Another write is in the way. */
  readonly conflict: number;
  /** Some of a batch is left for later; some messages are not taken. */
  readonly unprocessed: number;
  /** A message is delivered once more, at any later time. */
  readonly duplicate: number;
  /** A message or a batch of records waits long. */
  readonly late: number;
  /** A run is slow. */
  readonly slow: number;
  /** A read that may be behind is. */
  readonly stale: number;
}

/** A process of a function, or a client of the API. */
export interface Actor {
  readonly name: string;
  alive: boolean;
  /** May die at any call. */
  readonly mortal: boolean;
  /** How many times slower than others. */
  readonly pace: number;
  /** From when on what it sends is overdue, in ms since 1970. */
  origin: number;
}

export interface Message {
  readonly body: string;
  /** When that was written of which it tells; of a copy, when it was received first. */
  origin: number | undefined;
  visibleAt: number;
  receives: number;
}

/** Something that was written, and is not yet worked off everywhere. */
interface Debt {
  readonly origin: number;
  paidAt?: number;
}

const READS = /^(Get|Query|BatchGet)Command$/;

/** DynamoDB and SQS, as functions reach them: over calls that take time, fail, and outlive who made them. */
export class Cloud {
  public readonly db: MemoryDynamoDb;
  public readonly queue: Message[] = [];
  public readonly deadLetters: string[] = [];
  public readonly routerDeadLetters: string[] = [];
  /** Items that a page of a query has at most: any number up to this, if it is finite, or any at all. */
  public pageSize = Infinity;
  public calls = 0;
  /** Faults that happened. */
  public struck = 0;
  /** Messages that come to nothing, unseen. */
  public loses?: (body: string) => boolean;
  private readonly debts = new Set<Debt>();

  public constructor(
    public readonly time: VirtualTime,
    public readonly random: () => number,
    public readonly weather: Weather,
    private readonly hooks: {
      changed(changes: readonly Change[]): void;
      arrived(message: Message): void;
    },
    public readonly trace?: (line: string) => void,
    keys?: Readonly<Record<string, KeyNames>>,
  ) {
    this.db = new MemoryDynamoDb(
      () => this.time.now,
      (changes) => hooks.changed(changes),
      keys,
    );
  }

  public say(who: string, what: string): void {
    this.trace?.(`${((this.time.now % 1e9) / 1000).toFixed(3).padStart(11)}  ${who.padEnd(12)} ${what}`);
  }

  /** Does a fault of this chance happen now? */
  public strikes(chance: number): boolean {
    if (this.weather.faults <= 0 || this.random() >= chance) return false;
    this.weather.faults--;
    this.struck++;
    return true;
  }

  /** The document client as an actor has it. */
  public clientOf(actor: Actor): DynamoDBDocumentClient {
    const send = (command: object) => this.call(actor, command.constructor.name, () => this.onDynamo(actor, command));
    return { send } as unknown as DynamoDBDocumentClient;
  }

  /** A client of SQS as an actor has it. */
  public sqsOf(actor: Actor): SQSClient {
    const send = (command: { input: SendMessageBatchCommandInput }) =>
      this.call(actor, 'SendMessageBatch', () => {
        const Failed: object[] = [];
        for (const { Id, MessageBody } of command.input.Entries ?? []) {
          if (this.strikes(this.weather.unprocessed)) Failed.push({ Id, SenderFault: false, Code: 'InternalError' });
          else this.enqueue(command.input.QueueUrl!, MessageBody!, actor.origin);
        }
        return { Failed };
      });
    return { send } as unknown as SQSClient;
  }

  public enqueue(queueUrl: string, body: string, origin: number): void {
    if (queueUrl !== 'feed') {
      this.routerDeadLetters.push(body);
      return;
    }
    if (this.loses?.(body)) return;
    this.arrive(body, origin);
    // SQS delivers at least once.
    if (this.strikes(this.weather.duplicate)) this.arrive(body, undefined, this.random() * 60_000);
  }

  private arrive(body: string, origin: number | undefined, delay = this.transit()): void {
    const message: Message = { body, origin, visibleAt: this.time.now + delay, receives: 0 };
    this.queue.push(message);
    this.hooks.arrived(message);
  }

  private transit(): number {
    return this.strikes(this.weather.late) ? this.random() * 15_000 : this.random() * 300;
  }

  /** Until `pay`, what was written then is missing somewhere. */
  public owe(origin: number): Debt {
    const debt = { origin };
    this.debts.add(debt);
    return debt;
  }

  public pay(debt: Debt): void {
    debt.paidAt = this.time.now;
  }

  /**
   * The oldest write of which something may not yet be where readers of the feed look for it.
   *
   * @param settle for how long reads may still miss what was written, in ms
   */
  public behindSince(settle: number): number {
    let oldest = this.time.now;
    for (const debt of this.debts) {
      if (debt.paidAt !== undefined && debt.paidAt + settle < this.time.now) this.debts.delete(debt);
      else oldest = Math.min(oldest, debt.origin);
    }
    for (const { origin } of this.queue) oldest = Math.min(oldest, origin ?? oldest);
    return oldest;
  }

  private delayOf({ pace }: Actor): number {
    return pace * (1 + this.random() * 20);
  }

  /** A call takes effect at one moment, and is answered later, if there is still somebody to answer. */
  private call<T>(actor: Actor, what: string, effect: () => T): Promise<T> {
    this.calls++;
    return new Promise((resolve, reject) => {
      if (!actor.alive) return;
      const answer = (go: () => void) => this.time.after(this.delayOf(actor), () => actor.alive && go());
      this.time.after(this.delayOf(actor), () => {
        const dies = actor.alive && actor.mortal && this.strikes(this.weather.crash);
        if (dies) {
          actor.alive = false;
          this.say(actor.name, `dies at ${what}`);
          if (this.random() < 0.5) return;
        }
        try {
          const result = effect();
          answer(() => resolve(result));
        } catch (error) {
          this.say(actor.name, `${what} refused: ${String(error)}`);
          answer(() => reject(error));
        }
      });
    });
  }

  private onDynamo(actor: Actor, command: object): object {
    const { name } = command.constructor;
    const isRead = READS.test(name);
    const answer = this.db.apply(command, {
      pageSize: this.endOfPage(),
      random: this.random,
      lag: () => (this.random() < this.weather.stale ? this.random() ** 2 * 9_900 : 0),
      fault: this.faultOf(name, isRead),
    });
    if (this.trace) {
      const { input } = command as { input: object };
      this.say(actor.name, `${name} ${JSON.stringify(input)} -> ${JSON.stringify(answer)}`);
    }
    return answer;
  }

  /** Pages end at 1 MB: what is read by one at a time may be read at once elsewhere. */
  private endOfPage(): number {
    if (this.pageSize === Infinity || this.random() < 0.4) return Infinity;
    return 1 + Math.floor(this.random() * this.pageSize);
  }

  private faultOf(name: string, isRead: boolean): Circumstances['fault'] {
    if (this.strikes(this.weather.throttle)) return 'throttled';
    if (name.startsWith('Batch')) return this.strikes(this.weather.unprocessed) ? 'unprocessed' : undefined;
    return !isRead && this.strikes(this.weather.conflict) ? 'conflict' : undefined;
  }
}
