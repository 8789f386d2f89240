import { Place, TemplateRefused } from './syntax';

/** A template's text with a place in it. */
export class Source {
  public position = 0;

  /** @param start place of the first character, of a text within a template */
  public constructor(
    public readonly text: string,
    private readonly start: Place = { line: 1, column: 1 },
  ) {}

  public get done(): boolean {
    return this.position >= this.text.length;
  }

  public place(position = this.position): Place {
    const before = this.text.slice(0, position).split('\n');
    const last = before.at(-1) ?? '';
    const { line, column } = this.start;
    return { line: line + before.length - 1, column: before.length === 1 ? column + last.length : last.length + 1 };
  }

  public refuse(message: string, position = this.position): never {
    throw new TemplateRefused(message, this.place(position));
  }

  public startsWith(text: string): boolean {
    return this.text.startsWith(text, this.position);
  }

  /** What a sticky expression matches here, without taking it. */
  public peek(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, 'y');
    sticky.lastIndex = this.position;
    return sticky.exec(this.text) ?? undefined;
  }

  public take(pattern: RegExp): string | undefined {
    const found = this.peek(pattern)?.[0];
    this.position += found?.length ?? 0;
    return found;
  }

  public takeText(text: string): boolean {
    const found = this.startsWith(text);
    if (found) this.position += text.length;
    return found;
  }

  public skipSpace(): void {
    this.take(/\s*/);
  }

  /** Takes a text that has to be here, after white space. */
  public expect(text: string, where: string): void {
    this.skipSpace();
    if (!this.takeText(text)) this.refuse(`${where} needs ${text} here, got ${this.rest()}`);
  }

  /** What follows, for a message. */
  public rest(): string {
    return this.done ? 'the end' : JSON.stringify(this.text.slice(this.position, this.position + 12));
  }
}
