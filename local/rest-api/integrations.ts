import { callFunction, missingPermission } from '../gateway/integration';
import { GatewayRequest } from '../gateway/request';
import { functionNameOf } from '../lambda/reference';
import { FunctionInvoker, FunctionPermission } from '../types';
import { RestTarget, toProxyEvent } from './event';
import { Refusal } from './gateway-responses';
import { answerMock, MockIntegration } from './mock';
import { INTERNAL, LoggedResponse, Refused, tooLarge } from './refused';
import { isBinaryType, toRestResponse } from './response';

/** A Lambda proxy integration. */
export interface LambdaIntegration {
  readonly kind: 'lambda';
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export type Integration = LambdaIntegration | MockIntegration;

/** What integrations of an API are called with. */
export interface IntegrationOptions {
  readonly binaryTypes: readonly string[];
  readonly invoker: FunctionInvoker;
  readonly permissions: readonly FunctionPermission[];
  /** The ARN of what is called: `stage/GET/path`. */
  arn(called: string): string;
}

/** Calls what is behind a method. */
export class Integrations {
  public constructor(private readonly options: IntegrationOptions) {}

  /** @throws Refused where the integration gives nothing usable */
  public async answer(request: GatewayRequest, target: RestTarget, integration: Integration): Promise<LoggedResponse> {
    return integration.kind === 'lambda'
      ? this.callLambda(request, target, integration)
      : this.mock(request, target, integration);
  }

  private async callLambda(
    request: GatewayRequest,
    target: RestTarget,
    { functionArn, timeoutMs }: LambdaIntegration,
  ): Promise<LoggedResponse> {
    const { binaryTypes, invoker, permissions } = this.options;
    const calledArn = this.options.arn(`${target.stage}/${request.method}${target.resourcePath}`);
    const missing = missingPermission(permissions, functionArn, calledArn);
    if (missing !== undefined) throw new Refused({ type: 'API_CONFIGURATION_ERROR', message: INTERNAL }, missing);
    const event = toProxyEvent(request, target, isBinaryType(request.headers['content-type'], binaryTypes));
    const called = await callFunction(invoker, { functionArn, event, timeoutMs, bodyLength: request.body.length });
    if (called.kind === 'too large') throw tooLarge();
    const functionName = functionNameOf(functionArn);
    const { latencyMs } = called;
    if (called.kind === 'late') {
      const refusal: Refusal = { type: 'INTEGRATION_TIMEOUT', message: 'Endpoint request timed out' };
      throw new Refused(refusal, called.reason, { functionName, latencyMs });
    }
    const { invocationId } = called;
    const unusable = (reason: string): Refused =>
      new Refused({ type: 'DEFAULT_5XX', message: INTERNAL }, reason, { functionName, invocationId, latencyMs });
    if (called.kind === 'failed') throw unusable(called.reason);
    try {
      const response = toRestResponse(called.payload, request.headers.accept, binaryTypes);
      return { response, functionName, invocationId, latencyMs };
    } catch (error) {
      throw unusable(`malformed answer of the function: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private mock(request: GatewayRequest, target: RestTarget, integration: MockIntegration): LoggedResponse {
    try {
      return { response: answerMock(integration, request, target) };
    } catch (error) {
      const reason = `MOCK integration: ${error instanceof Error ? error.message : String(error)}`;
      throw new Refused({ type: 'API_CONFIGURATION_ERROR', message: INTERNAL }, reason);
    }
  }
}
