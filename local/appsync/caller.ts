import { AuthMode } from './schema/authorization';

/** Who sent a request, as the API found out. */
export interface ApiCaller {
  readonly mode: AuthMode;
  /** `$ctx.identity`. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Groups of Cognito. */
  readonly groups: readonly string[];
  /** IAM: whether the role of the caller allows a field of a root type. Others are judged by the schema alone. */
  mayCall(parentTypeName: string, fieldName: string): boolean;
}

/** Why a request is refused as a whole. */
export class RequestRefused extends Error {
  public constructor(
    public readonly status: number,
    public readonly errorType: string,
    message: string,
  ) {
    super(message);
  }

  /** As AppSync says it. */
  public body(): unknown {
    return { errors: [{ errorType: this.errorType, message: this.message }] };
  }
}
