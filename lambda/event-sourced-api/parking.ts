import type { Parked, Parking } from './domain/ports';
import { sendAll, sqs } from '../core/sqs';

/** Parks aggregates in the dead-letter queue, where the command `redrive` finds them. */
export class QueueParking implements Parking {
  public constructor(
    private readonly queueUrl: string,
    private readonly now: () => number,
  ) {}

  public async park(parked: readonly Parked[]): Promise<void> {
    const at = new Date(this.now()).toISOString();
    await sendAll(
      sqs(),
      this.queueUrl,
      parked.map((one) => JSON.stringify({ type: 'parked-aggregate', ...one, at })),
    );
  }
}
