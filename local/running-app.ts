import { Deployment, RunningResource } from './assembly';
import { AwsCall, InvocationResult, LogLine, RequestRecord, UnusedAction } from './types';

/** A request with the AWS calls it led to in the function that answered it. */
export interface AnsweredRequest extends RequestRecord {
  readonly calls: readonly AwsCall[];
}

/** What a session of a role signs with. */
export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** What a wait for the end of all work leaves out. */
export interface IdleOptions {
  /**
   * Functions that cannot do their work, by name, ARN, logical id or construct path: neither their invocations are
   * waited for nor what event sources have yet to hand to them.
   *
   * @default - none: what fails and is tried again is waited for
   */
  readonly without?: readonly string[];
}

/** An app that runs. */
export interface RunningApp {
  /** The APIs, and the outputs that are web addresses. */
  readonly urls: readonly { readonly name: string; readonly url: string }[];
  /** What a client has to know beside them: the address of Cognito, ids of user pools and their clients. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** By stack name, then output key. */
  readonly outputs: Deployment['outputs'];
  readonly resources: readonly RunningResource[];
  /** What an SDK client needs to look into the services itself, with every right. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  };
  /**
   * Credentials that act as a role of the app, by construct path or logical id, as though it had been assumed: whom the
   * role trusts is not asked.
   *
   * @throws an Error when no role is called so
   */
  credentialsOf(roleReference: string): SessionCredentials;
  /** AWS calls since the start or the last `clearCalls()`, oldest first. */
  calls(): AwsCall[];
  clearCalls(): void;
  /** The last 1000 requests, oldest first. */
  requests(): AnsweredRequest[];
  /** What the functions wrote, or one of them: by name, logical id or construct path. */
  logs(functionReference?: string): (LogLine & { readonly functionName: string })[];
  /** Access log lines of the APIs. */
  accessLogs(): string[];
  /**
   * Resolves when no request, invocation, stream record or message is under way.
   *
   * @throws an Error when a function is not part of the app
   */
  idle(options?: IdleOptions): Promise<void>;
  /** What the roles of the functions allow of the services that answer calls here, and no call has used. */
  unusedActions(): UnusedAction[];
  /** Invokes a function by name, ARN, logical id or construct path. */
  invoke(functionReference: string, payload: unknown): Promise<InvocationResult>;
  /**
   * Physical id (`Ref`) of a resource by construct path or logical id; a path may leave out what leads to it
   * (`Api/Users/Table`) and the `Resource` at its end.
   *
   * @throws an Error when none or several match
   */
  physicalId(reference: string): string;
  close(): Promise<void>;
}
