import { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CallerIdentity, ConditionContext } from '../types';

/** A JSON object as it comes over the wire. */
export type Json = Readonly<Record<string, unknown>>;

/** An error that an AWS client understands: a code, a message and sometimes more fields. */
export class AwsError extends Error {
  public constructor(
    /** Code without a namespace, for example `ConditionalCheckFailedException`. */
    public readonly code: string,
    message: string,
    public readonly status = 400,
    /** Further fields of the body, for example `CancellationReasons`. */
    public readonly fields: Json = {},
    /** What stands before `#` in `__type`. */
    public readonly namespace?: string,
  ) {
    super(message);
    this.name = code;
  }

  /** The body as the JSON protocol has it. */
  public body(): Json {
    return {
      __type: this.namespace === undefined ? this.code : `${this.namespace}#${this.code}`,
      message: this.message,
      ...this.fields,
    };
  }
}

/** One action to be allowed, with the ARNs and the condition keys it is checked against. */
export interface Permission {
  /** With the service prefix, for example `dynamodb:GetItem`. */
  readonly action: string;
  readonly resources: readonly string[];
  readonly context?: ConditionContext;
}

/** A call that arrived at the endpoint, read by its protocol, from a known caller. */
export interface AwsRequest {
  readonly operation: string;
  readonly input: Json;
  readonly caller: CallerIdentity;
  /** Aborted when the client went away: a long poll must not take messages for nobody. */
  readonly signal: AbortSignal;
}

/** What an API answers. */
export interface AwsAnswer {
  readonly status?: number;
  /** An object, or text that is in the protocol's form already and is passed on unchanged. */
  readonly body: Json | string;
  readonly readUnits?: Readonly<Record<string, number>>;
  readonly writeUnits?: Readonly<Record<string, number>>;
  /** Code of an error that is answered through `body`. */
  readonly errorCode?: string;
}

/** A call as it came over HTTP. */
export interface HttpCall {
  readonly method: string;
  /** Undecoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer as it goes over HTTP. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** How calls of an API look on the wire: AWS JSON (`awsJson`), REST, query. */
export interface WireProtocol {
  /** The operation of a call that is meant for this API; undefined for a call meant for another. */
  match(call: HttpCall): string | undefined;
  /** @throws AwsError for a body that is malformed */
  parse(call: HttpCall, operation: string): Json;
  answer(answer: AwsAnswer, requestId: string): HttpAnswer;
  failure(error: AwsError, requestId: string): HttpAnswer;
}

/** The API of a service, behind the endpoint. */
export interface AwsApi {
  /** IAM prefix: `dynamodb`. */
  readonly prefix: string;
  readonly protocol: WireProtocol;
  /**
   * Operations that need no signature and no right, such as signing in.
   *
   * @default - every call is signed
   */
  readonly unsigned?: readonly string[];
  /**
   * How it says that it throttles.
   *
   * @default - ThrottlingException, `Rate exceeded`
   */
  readonly throttle?: { readonly code: string; readonly message: string };
  /**
   * The error with which it throttles a call, where that depends on the call.
   *
   * @default - `throttle`
   */
  throttled?(request: AwsRequest, random: () => number): AwsError;
  /** Which actions the call needs; refuses by name an operation that is not here. */
  permissions(request: AwsRequest): readonly Permission[];
  handle(request: AwsRequest): Promise<AwsAnswer>;
}

/** The error for an operation or service that this machine does not have. */
export function unknownOperation(what: string): AwsError {
  return new AwsError('UnknownOperationException', `${what} is not supported by the local runner`);
}

/** Reads a request body, bounded. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new AwsError('RequestEntityTooLarge', `request is over ${limitBytes} bytes`, 413);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `Credential=KEY/20250101/us-east-1/dynamodb/aws4_request` of a SigV4 header. */
export interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
}

/** Takes the credential scope out of an `Authorization` header; undefined when it is not SigV4. */
export function parseAuthorization(header: string | undefined): Credential | undefined {
  const match = /^AWS4-HMAC-SHA256 .*Credential=([^/,\s]+)\/\d{8}\/([^/,\s]+)\/([^/,\s]+)\/aws4_request/.exec(
    header ?? '',
  );
  return match === null ? undefined : { accessKeyId: match[1], region: match[2], service: match[3] };
}

/** A required string of an input. */
export function requireString(input: Json, name: string, code = 'ValidationException'): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') {
    throw new AwsError(code, `${name} must be a non-empty string, got ${JSON.stringify(value)}`);
  }
  return value;
}

/** Refuses input fields that are not in the list, by name. */
export function refuseOtherFields(operation: string, input: Json, known: readonly string[]): void {
  const other = Object.keys(input).filter((key) => input[key] !== undefined && !known.includes(key));
  if (other.length > 0) {
    throw new AwsError('ValidationException', `${operation}: ${other.join(', ')} not supported by the local runner`);
  }
}
