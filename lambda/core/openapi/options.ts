import type * as z from 'zod/mini';

type Schema = z.ZodMiniType;

/** What the documents of an API say beside its endpoints. */
export interface DocumentOptions {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Before every path. Relative, so that it fits wherever it is served: `/api`. */
  readonly basePath: string;
  /** The shape of every error. */
  readonly errors: Schema;
  /** The status of an answer to bad input. */
  readonly invalidStatus: 400 | 422;
  /** What each status of an error means. */
  readonly statuses: Readonly<Record<number, string>>;
  /** Security schemes by name, as OpenAPI has them. */
  readonly security: Readonly<Record<string, object>>;
  /** Schemas that become components, by name. */
  readonly components: Readonly<Record<string, Schema>>;
  /** What the explorer fills in, by name of the component: each works as it stands. */
  readonly examples: Readonly<Record<string, unknown>>;
  /** What an operation does beyond its summary, in Markdown, by its id. */
  readonly notes?: Readonly<Record<string, string>>;
  /** What a part of an answer means, in Markdown. */
  readonly meanings?: ReadonlyMap<Schema, string>;
  /** What a schema says in the documents where it differs from what it is in code, such as a number in a query. */
  readonly overrides: ReadonlyMap<Schema, Readonly<Record<string, unknown>>>;
}

/** The schemas of an endpoint, as far as it has them. */
export interface AnyContract {
  readonly path?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  readonly answer?: Schema;
}
