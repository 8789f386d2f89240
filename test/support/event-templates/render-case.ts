/** What a template comes to. */
export type Outcome =
  | { readonly json: unknown }
  /** `$util.error`, or `$util.unauthorized` with the type `Unauthorized`. */
  | { readonly error: { readonly type: string; readonly message?: string; readonly info?: unknown } };

/** A template that is rendered in a context. */
export interface RenderCase {
  /** As `mappingTemplates` names it. */
  readonly of: string;
  readonly when: string;
  readonly context: {
    readonly arguments?: Readonly<Record<string, unknown>>;
    readonly identity?: Readonly<Record<string, unknown>>;
    readonly info?: { readonly fieldName: string; readonly parentTypeName: string };
    readonly result?: unknown;
    readonly prev?: { readonly result: unknown };
    readonly stash?: Readonly<Record<string, unknown>>;
    readonly error?: { readonly message: string; readonly type: string };
  };
  readonly comesTo: Outcome;
  /** What the template has put aside. @default - nothing */
  readonly stash?: Readonly<Record<string, unknown>>;
}

/** A user of the pool. AppSync has the token's claims as they are: who is in no group has no such claim. */
export const user = (sub: string, ...groups: string[]) => ({
  sub,
  username: sub,
  claims: { sub, ...(groups.length === 0 ? {} : { 'cognito:groups': groups }) },
});

/** What must come out as it went in, wherever a caller may put it. */
export const NASTY = `"}, {'$ctx.identity' #set($x = 1) \\ \u2028 #end ${'$'}{util}`;

export const failed = (type: string) => ({
  type,
  message: 'Requested something of account 123456789012 (Service: AWS)',
});
