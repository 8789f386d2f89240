import { randomUUID } from 'node:crypto';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessDenied, AwsCall, CallerIdentity, RunContext } from '../types';
import { FaultRates, FaultSchedule } from './faults';
import {
  AwsAnswer,
  AwsError,
  AwsService,
  Json,
  parseAuthorization,
  Permission,
  readBody,
  sendJson,
  unknownOperation,
} from './protocol';

/** DynamoDB takes 16 MB; nothing else here takes more. */
const BODY_LIMIT = 16 * 1024 * 1024;

const CALL_FAULTS: readonly (keyof FaultRates)[] = ['throttle', 'internalError', 'dropAnswer'];

/** How each service says that it throttles. */
const THROTTLE: Readonly<Record<string, readonly [code: string, message: string]>> = {
  dynamodb: [
    'ThrottlingException',
    'Throughput exceeds the current capacity of your table or index. Try again later. (fault injected)',
  ],
};

/** The one loopback endpoint in place of every AWS service. */
export class AwsFront {
  private readonly server: Server;
  private readonly services = new Map<string, AwsService>();
  private readonly unknown = new Set<string>();

  public constructor(
    private readonly context: RunContext,
    private readonly faults: FaultSchedule,
  ) {
    this.server = createServer((request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        context.log(`aws front: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        response.destroy();
      });
    });
    // Functions keep their connections for as long as they live; the default of 5 s would reset idle ones under them.
    this.server.keepAliveTimeout = 120_000;
    this.server.requestTimeout = 0;
  }

  public add(...services: readonly AwsService[]): void {
    for (const service of services) this.services.set(service.target, service);
  }

  /** Starts to listen on a free port of loopback. */
  public async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const requestId = randomUUID();
    const abort = new AbortController();
    response.on('close', () => abort.abort());
    let body: string;
    try {
      body = await readBody(request, BODY_LIMIT);
    } catch (error) {
      if (!(error instanceof AwsError)) return;
      sendJson(response, error.status, error.body(), requestId);
      return;
    }
    const credential = parseAuthorization(request.headers.authorization);
    const caller = credential === undefined ? undefined : this.context.identify(credential.accessKeyId);
    if (caller === undefined) {
      const message =
        credential === undefined
          ? 'Missing Authentication Token'
          : 'The security token included in the request is invalid.';
      const code = credential === undefined ? 'MissingAuthenticationTokenException' : 'UnrecognizedClientException';
      sendJson(response, credential === undefined ? 400 : 403, { __type: code, message }, requestId);
      return;
    }
    const [target, operation = ''] = String(request.headers['x-amz-target'] ?? '').split('.');
    const service = this.services.get(target);
    const prefix = service?.prefix ?? credential?.service ?? 'unknown';
    const resources: string[] = [];
    let answer: AwsAnswer;
    let dropped = false;
    try {
      if (service === undefined) {
        throw unknownOperation(
          target === '' ? `${prefix} (${request.method} ${request.url})` : `${target}.${operation}`,
        );
      }
      const input = parseInput(body);
      const awsRequest = { operation, input, caller, signal: abort.signal };
      const permissions = service.permissions(awsRequest);
      for (const permission of permissions) resources.push(...permission.resources);
      this.authorize(caller, permissions);
      const fault = this.faults.next(`${prefix}:${operation}`, CALL_FAULTS);
      if (fault?.kind === 'throttle') throw throttled(prefix);
      if (fault?.kind === 'internalError') {
        throw new AwsError('InternalServerError', 'Internal server error (fault injected)', 500);
      }
      answer = await service.handle(awsRequest);
      dropped = fault?.kind === 'dropAnswer';
    } catch (error) {
      answer = this.failure(error, `${prefix}:${operation}`);
    }
    const early = start + (this.context.callLatencyMs ?? 0) - performance.now();
    if (early > 0) await sleep(early);
    const status = answer.status ?? 200;
    const call: AwsCall = {
      ...(caller.invocationId === undefined ? {} : { invocationId: caller.invocationId }),
      principal: caller.principal.name,
      service: prefix,
      operation: operation === '' ? `${request.method} ${request.url}` : operation,
      resources: [...new Set(resources)],
      start,
      end: performance.now(),
      status,
      ...(answer.errorCode === undefined ? {} : { errorCode: answer.errorCode }),
      ...(answer.readUnits === undefined ? {} : { readUnits: answer.readUnits }),
      ...(answer.writeUnits === undefined ? {} : { writeUnits: answer.writeUnits }),
    };
    // Recorded before the answer leaves, so that who has the answer finds the call.
    this.context.record(call);
    if (dropped) {
      request.socket.destroy();
    } else {
      sendJson(response, status, answer.body, requestId, service?.jsonVersion);
    }
  }

  private authorize(caller: CallerIdentity, permissions: readonly Permission[]): void {
    for (const { action, resources, context } of permissions) {
      this.context.authorizer.authorize(caller.principal, action, resources, context);
    }
  }

  private failure(error: unknown, site: string): AwsAnswer {
    if (error instanceof AwsError) {
      if (error.code === 'UnknownOperationException' && !this.unknown.has(error.message)) {
        this.unknown.add(error.message);
        this.context.log(`aws front: ${error.message}`);
      }
      return { status: error.status, body: error.body(), errorCode: error.code };
    }
    // By name and not by class: the runner's bundle and a test may each have loaded their own copy of the class.
    if (error instanceof AccessDenied || (error instanceof Error && error.name === 'AccessDenied')) {
      const body = {
        __type: 'AccessDeniedException',
        message: `User: ${error.message}`,
        Message: `User: ${error.message}`,
      };
      return { status: 400, body, errorCode: 'AccessDeniedException' };
    }
    const message = error instanceof Error ? error.message : String(error);
    this.context.log(`aws front: ${site} failed: ${error instanceof Error ? (error.stack ?? message) : message}`);
    return { status: 500, body: { __type: 'InternalFailure', message }, errorCode: 'InternalFailure' };
  }
}

function parseInput(body: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(body === '' ? '{}' : body);
  } catch {
    throw new AwsError('SerializationException', 'request body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AwsError('SerializationException', 'request body is not a JSON object');
  }
  return value as Json;
}

function throttled(prefix: string): AwsError {
  const [code, message] = THROTTLE[prefix] ?? ['ThrottlingException', 'Rate exceeded (fault injected)'];
  return new AwsError(code, message, 400);
}
