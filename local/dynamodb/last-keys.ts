/** The keys that were added last, as many as are kept. */
export class LastKeys {
  private readonly keys = new Set<string>();

  public constructor(private readonly kept: number) {}

  public add(keys: readonly string[]): void {
    for (const key of keys) {
      this.keys.delete(key);
      this.keys.add(key);
    }
    // In the order of their coming.
    for (const oldest of this.keys) {
      if (this.keys.size <= this.kept) return;
      this.keys.delete(oldest);
    }
  }

  public has(key: string): boolean {
    return this.keys.has(key);
  }
}
