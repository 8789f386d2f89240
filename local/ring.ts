/** A list that keeps the last so many entries. */
export class Ring<T> {
  private items: T[] = [];

  public constructor(private readonly limit: number) {}

  public push(item: T): void {
    this.items.push(item);
    // Cut in bulk: shifting one by one would move the whole list each time.
    if (this.items.length >= this.limit * 2) this.items = this.items.slice(-this.limit);
  }

  /** Oldest first. */
  public list(): T[] {
    return this.items.slice(-this.limit);
  }

  public clear(): void {
    this.items = [];
  }
}
