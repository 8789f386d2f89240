declare module 'amplify-velocity-template' {
  /** Throws an Error with the place of what is no VTL. */
  export function parse(template: string): readonly unknown[];
  export class Compile {
    public constructor(parsed: readonly unknown[]);
    public render(context: Readonly<Record<string, unknown>>): string;
  }
}
