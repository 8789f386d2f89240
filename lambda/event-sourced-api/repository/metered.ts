/** Told of the capacity that calls consume, where rates are kept. */
export interface Meter {
  (kind: 'read' | 'write', units: number): void;
}

interface Consumed {
  readonly CapacityUnits?: number;
}

/** What a call asks for, and what of its answer is told, where there is a meter. */
export class Metered {
  public constructor(private readonly meter: Meter | undefined) {}

  /** Of the input of each call. */
  public get wanted(): { readonly ReturnConsumedCapacity?: 'TOTAL' } {
    return this.meter ? { ReturnConsumedCapacity: 'TOTAL' } : {};
  }

  public note(kind: 'read' | 'write', consumed: Consumed | readonly Consumed[] | undefined): void {
    const units = [consumed ?? []].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    this.meter?.(kind, units);
  }
}
