import { existsSync, readFileSync } from 'fs';
import { createRequire } from 'module';
import * as path from 'path';
import { failure } from '../core/checks';

/** The package's folder of built code: two levels up from `lib/event-sourced-api` and from `src/event-sourced-api` alike. */
const EXPENSE_CLAIMS = path.join(__dirname, '..', '..', 'assets', 'event-sourced-api', 'expense-claims');

const SCHEMA = 'schema.graphql';
const CODE = 'index.js';

/** As `defineDomain` has them. */
const AGGREGATE = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const VIEW = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;

/** What of a domain's code the construct goes by. @internal */
export interface LoadedDomain {
  readonly aggregate: string;
  readonly commands: ReadonlySet<string>;
  readonly views: ReadonlySet<string>;
}

/**
 * A domain: its GraphQL schema, and its code in one file. The code decides what commands come to and what views show;
 * it is plain JavaScript, made with `defineDomain` of `cdk-social-backend/event-sourcing`.
 */
export class EventSourcedDomain {
  /**
   * Expense claims, which are opened, submitted, approved and paid: where an audit trail is the point. Groups `approvers`
   * and `finance` of the user pool read all of them.
   */
  public static expenseClaims(): EventSourcedDomain {
    return new EventSourcedDomain(EXPENSE_CLAIMS);
  }

  /**
   * A domain of your own.
   *
   * @param directory folder with `schema.graphql` and `index.js`: a CommonJS module, bundled to one file, that exports
   * `domain`. It is loaded when the app is synthesized, so that what does not fit together is found then
   * @throws where one of the files is missing
   */
  public static fromDirectory(directory: string): EventSourcedDomain {
    return new EventSourcedDomain(path.resolve(directory));
  }

  private constructor(
    /** The folder that it is in. */
    public readonly directory: string,
  ) {
    const missing = [SCHEMA, CODE].find((file) => !existsSync(path.join(directory, file)));
    if (missing !== undefined) {
      throw failure(`a domain needs ${SCHEMA} and ${CODE}, got no ${missing} in ${directory}`);
    }
  }

  /** The schema, as it was written. @internal */
  public get _schema(): string {
    return readFileSync(path.join(this.directory, SCHEMA), 'utf8');
  }

  /** What is put beside the code of the functions. @internal */
  public get _code(): string {
    return readFileSync(path.join(this.directory, CODE), 'utf8');
  }

  /** @throws Error that says why the code is none of a domain @internal */
  public _load(): LoadedDomain {
    const file = path.join(this.directory, CODE);
    const { domain } = required(file) as { domain?: unknown };
    const { aggregate, commands, views } = recordOf(domain);
    const names = (value: unknown) => new Set(Object.keys(recordOf(value)));
    const loaded = { aggregate, commands: names(commands), views: names(views) };
    if (
      typeof aggregate !== 'string' ||
      !AGGREGATE.test(aggregate) ||
      aggregate === 'COMMAND' ||
      loaded.commands.size === 0
    ) {
      throw failure(`${file} must export domain, made by defineDomain of cdk-social-backend/event-sourcing`);
    }
    const wrong = [...loaded.views].find((view) => !VIEW.test(view) || view === 'JOB');
    if (wrong !== undefined) {
      throw failure(
        `views must be named by a letter, then letters, digits, _ and -, and not JOB, got: ${wrong} in ${file}`,
      );
    }
    return { ...loaded, aggregate };
  }
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function required(file: string): unknown {
  try {
    return createRequire(file)(file);
  } catch (error) {
    throw failure(`the domain in ${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
}
