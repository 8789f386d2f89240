import { Json } from '../aws/protocol';

/** An error as OpenSearch answers it: a status, a type and a reason. */
export class SearchError extends Error {
  public constructor(
    public readonly status: number,
    /** For example `parsing_exception`. */
    public readonly type: string,
    public readonly reason: string,
    /** Further fields beside type and reason, for example `index`. */
    public readonly fields: Json = {},
  ) {
    super(reason);
    this.name = type;
  }

  /** What stands in an item of a bulk answer, and in `root_cause`. */
  public rootCause(): Json {
    return { type: this.type, reason: this.reason, ...this.fields };
  }

  /** The body of a whole answer. */
  public body(): Json {
    return { error: { root_cause: [this.rootCause()], ...this.rootCause() }, status: this.status };
  }
}

/** A failure of the shards, as a search answers what is wrong with its query beyond syntax. */
export class ShardsFailed extends SearchError {
  public constructor(
    private readonly root: SearchError,
    private readonly index: string,
  ) {
    super(root.status, 'search_phase_execution_exception', 'all shards failed');
  }

  public override body(): Json {
    const cause = this.root.rootCause();
    return {
      error: {
        root_cause: [cause],
        type: this.type,
        reason: this.reason,
        phase: 'query',
        grouped: true,
        failed_shards: [{ shard: 0, index: this.index, node: 'local', reason: cause }],
        caused_by: { ...cause, caused_by: cause },
      },
      status: this.status,
    };
  }
}

export function illegalArgument(reason: string): SearchError {
  return new SearchError(400, 'illegal_argument_exception', reason);
}

export function parsingError(reason: string): SearchError {
  return new SearchError(400, 'parsing_exception', reason);
}

/** What OpenSearch raises before it does anything: `Validation Failed: 1: ...;`. */
export function validationFailed(...problems: readonly string[]): SearchError {
  const list = problems.map((problem, index) => `${index + 1}: ${problem};`).join('');
  return new SearchError(400, 'action_request_validation_exception', `Validation Failed: ${list}`);
}

/** @param more why it is none, where that is not plain */
export function indexNotFound(index: string, more = ''): SearchError {
  return new SearchError(404, 'index_not_found_exception', `no such index [${index}]${more}`, {
    index,
    'resource.id': index,
    'resource.type': 'index_or_alias',
    index_uuid: '_na_',
  });
}

/** For what OpenSearch knows and this machine does not. */
export const NOT_HERE = 'not supported by the local runner';
