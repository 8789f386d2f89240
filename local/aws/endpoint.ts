import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { listen, shut } from '../http/server';
import { AccessDenied, Authorizer, AwsCall, CallerIdentity } from '../types';
import { FaultRates, FaultSchedule } from './faults';
import { jsonAnswer } from './json-protocol';
import {
  AwsAnswer,
  AwsApi,
  AwsError,
  Credential,
  HttpAnswer,
  HttpCall,
  parseAuthorization,
  Permission,
  readBody,
  unknownOperation,
} from './protocol';

/** DynamoDB takes 16 MB; nothing else here takes more. */
const BODY_LIMIT = 16 * 1024 * 1024;

const CALL_FAULTS: readonly (keyof FaultRates)[] = ['throttle', 'internalError', 'dropAnswer'];

const THROTTLE = { code: 'ThrottlingException', message: 'Rate exceeded' };

/** Who makes calls that need no signature. */
const ANONYMOUS: CallerIdentity = { principal: { name: 'anonymous' } };

/** What the endpoint asks of the run. */
export interface EndpointContext {
  /** The APIs that answer; more may come while it listens. */
  readonly apis: () => readonly AwsApi[];
  readonly authorizer: () => Pick<Authorizer, 'authorize'>;
  readonly faults: FaultSchedule;
  /** Least time a call takes, in ms, as over a network: calls made side by side then overlap for certain. */
  readonly callLatencyMs?: () => number;
  /** The caller behind an access key id; undefined for an unknown key. */
  identify(accessKeyId: string): CallerIdentity | undefined;
  /** Called once for every call, before its answer leaves. */
  record(call: AwsCall): void;
  log(line: string): void;
}

/** Who calls an address that takes any credentials: a person of this machine, with every right. */
const ANYBODY: CallerIdentity = { principal: { name: 'anybody' } };

/** Names of this machine. A page of a stranger that lets its own name point here is refused by it (DNS rebinding). */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** A further address of the AWS APIs. */
export interface FurtherAddress {
  /**
   * Put before the path of every call: by it an API knows calls to this address, as a resource with an endpoint of its own
   * has one.
   *
   * @default - nothing
   */
  readonly prefix?: string;
  /** @default - a free one */
  readonly port?: number;
  /** Name of the option that gave the port, for the error when it is taken: `dynamodb-port`. @default 'port' */
  readonly option?: string;
  /**
   * IAM prefix of the service that alone answers here, to calls with any credentials, as DynamoDB Local does.
   *
   * @default - all of them, to known credentials
   */
  readonly openTo?: string;
}

/** A call on its way through the endpoint. */
interface ReceivedCall {
  readonly start: number;
  readonly requestId: string;
  readonly call: HttpCall;
  readonly api?: AwsApi;
  readonly operation: string;
  /** IAM prefix of the service it is meant for. */
  readonly prefix: string;
  readonly caller: CallerIdentity;
  readonly signal: AbortSignal;
}

/** How a call ended. */
interface Outcome {
  readonly answer: HttpAnswer;
  readonly errorCode?: string;
  readonly units?: Pick<AwsAnswer, 'readUnits' | 'writeUnits'>;
  /** The connection breaks in place of an answer. */
  readonly dropped?: boolean;
}

/** The one address on loopback in place of the endpoints of all AWS services. */
export class AwsEndpoint {
  private readonly servers: Server[] = [];
  private readonly toldUnknown = new Set<string>();

  public constructor(private readonly context: EndpointContext) {}

  /** Starts to listen on loopback. Throws an Error that says which port is taken. */
  public async listen(address: FurtherAddress = {}): Promise<string> {
    const server = createServer((request, response) => {
      this.serve(request, response, address).catch((error: unknown) => {
        this.context.log(`aws endpoint: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        response.destroy();
      });
    });
    // Functions keep their connections for as long as they live; the default of 5 s would reset idle ones under them.
    server.keepAliveTimeout = 120_000;
    server.requestTimeout = 0;
    this.servers.push(server);
    return `http://127.0.0.1:${await listen(server, address.port ?? 0, address.option)}`;
  }

  public async close(): Promise<void> {
    await Promise.all(this.servers.map(shut));
  }

  private async serve(request: IncomingMessage, response: ServerResponse, address: FurtherAddress): Promise<void> {
    const start = performance.now();
    const requestId = randomUUID();
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    let call: HttpCall;
    try {
      call = await readCall(request, address.prefix ?? '');
    } catch (error) {
      if (error instanceof AwsError) send(response, jsonAnswer(error.status, error.body(), requestId));
      return;
    }
    const credential = parseAuthorization(request.headers.authorization);
    const { api, operation } = this.find(call, address.openTo);
    const caller =
      address.openTo === undefined
        ? this.callerOf(credential, api?.unsigned?.includes(operation) === true)
        : this.anybody(request, credential);
    if (caller instanceof AwsError) {
      send(response, (api?.protocol.failure ?? failure)(caller, requestId));
      return;
    }
    const service = api?.prefix ?? credential?.service ?? 'unknown';
    const received = { start, requestId, call, api, operation, prefix: service, caller, signal: abort.signal };
    const resources: string[] = [];
    const outcome = await this.outcomeOf(received, resources);
    const early = start + (this.context.callLatencyMs?.() ?? 0) - performance.now();
    if (early > 0) await sleep(early);
    // Recorded before the answer leaves, so that who has the answer finds the call.
    this.context.record(recordOf(received, outcome, resources));
    if (outcome.dropped === true) request.socket.destroy();
    else send(response, outcome.answer);
  }

  private find(call: HttpCall, only?: string): { readonly api?: AwsApi; readonly operation: string } {
    for (const api of this.context.apis()) {
      if (only !== undefined && api.prefix !== only) continue;
      const operation = api.protocol.match(call);
      if (operation !== undefined) return { api, operation };
    }
    const [, operation = ''] = String(call.headers['x-amz-target'] ?? '').split('.');
    return { operation };
  }

  /** Known callers are who they are, whoever else calls has every right. */
  private anybody({ headers }: IncomingMessage, credential: Credential | undefined): CallerIdentity | AwsError {
    if (!LOCAL_HOST.test(headers.host ?? '')) {
      return new AwsError('AccessDeniedException', 'only for this machine', 403);
    }
    return (credential === undefined ? undefined : this.context.identify(credential.accessKeyId)) ?? ANYBODY;
  }

  private callerOf(credential: Credential | undefined, unsigned: boolean): CallerIdentity | AwsError {
    if (credential === undefined) {
      if (unsigned) return ANONYMOUS;
      return new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token');
    }
    const caller = this.context.identify(credential.accessKeyId);
    const message = 'The security token included in the request is invalid.';
    return caller ?? new AwsError('UnrecognizedClientException', message, 403);
  }

  /** @param resources filled with the ARNs that the call was checked against, also when it is refused */
  private async outcomeOf(received: ReceivedCall, resources: string[]): Promise<Outcome> {
    const { api, call, operation, prefix, caller, signal, requestId } = received;
    try {
      if (api === undefined) {
        const target = String(call.headers['x-amz-target'] ?? '');
        throw unknownOperation(target === '' ? `${prefix} (${call.method} ${call.path})` : target);
      }
      const input = api.protocol.parse(call, operation);
      const request = { operation, input, caller, signal };
      const permissions = api.permissions(request);
      for (const permission of permissions) resources.push(...permission.resources);
      if (api.unsigned?.includes(operation) !== true) this.authorize(caller, permissions);
      const fault = this.context.faults.next(`${prefix}:${operation}`, CALL_FAULTS, caller.invocationId);
      if (fault?.kind === 'throttle') {
        const { code, message } = api.throttle ?? THROTTLE;
        throw api.throttled?.(request, fault.random) ?? new AwsError(code, `${message} (fault injected)`, 400);
      }
      if (fault?.kind === 'internalError') {
        throw new AwsError('InternalServerError', 'Internal server error (fault injected)', 500);
      }
      const answer = await api.handle(request);
      return {
        answer: api.protocol.answer(answer, requestId),
        errorCode: answer.errorCode,
        units: answer,
        dropped: fault?.kind === 'dropAnswer',
      };
    } catch (error) {
      const known = this.asAwsError(error, `${prefix}:${operation}`);
      return { answer: (api?.protocol.failure ?? failure)(known, requestId), errorCode: known.code };
    }
  }

  private authorize(caller: CallerIdentity, permissions: readonly Permission[]): void {
    for (const { action, resources, context } of permissions) {
      this.context.authorizer().authorize(caller.principal, action, resources, context);
    }
  }

  private asAwsError(error: unknown, site: string): AwsError {
    if (error instanceof AwsError) {
      if (error.code === 'UnknownOperationException' && !this.toldUnknown.has(error.message)) {
        this.toldUnknown.add(error.message);
        this.context.log(`aws endpoint: ${error.message}`);
      }
      return error;
    }
    // By name and not by class: the runner's bundle and a test may each have loaded their own copy of the class.
    if (error instanceof AccessDenied || (error instanceof Error && error.name === 'AccessDenied')) {
      const message = `User: ${error.message}`;
      return new AwsError('AccessDeniedException', message, 400, { Message: message });
    }
    const message = error instanceof Error ? error.message : String(error);
    this.context.log(`aws endpoint: ${site} failed: ${error instanceof Error ? (error.stack ?? message) : message}`);
    return new AwsError('InternalFailure', message, 500);
  }
}

function failure(error: AwsError, requestId: string): HttpAnswer {
  return jsonAnswer(error.status, error.body(), requestId);
}

async function readCall(request: IncomingMessage, prefix: string): Promise<HttpCall> {
  const body = await readBody(request, BODY_LIMIT);
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: request.method ?? 'GET',
    path: `${prefix}${mark < 0 ? url : url.slice(0, mark)}`,
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    headers: request.headers,
    body,
  };
}

function recordOf(received: ReceivedCall, outcome: Outcome, resources: readonly string[]): AwsCall {
  const { caller, prefix, operation, call, start } = received;
  const { answer, errorCode, units } = outcome;
  return {
    ...(caller.invocationId === undefined ? {} : { invocationId: caller.invocationId }),
    principal: caller.principal.name,
    service: prefix,
    operation: operation === '' ? `${call.method} ${call.path}` : operation,
    resources: [...new Set(resources)],
    start,
    end: performance.now(),
    status: answer.status,
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(units?.readUnits === undefined ? {} : { readUnits: units.readUnits }),
    ...(units?.writeUnits === undefined ? {} : { writeUnits: units.writeUnits }),
  };
}

function send(response: ServerResponse, { status, headers, body }: HttpAnswer): void {
  const bytes = Buffer.from(body, 'utf8');
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.end(bytes);
}
