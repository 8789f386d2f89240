import { Refusal } from './gateway-responses';
import { GatewayResponse } from '../gateway/response';

/** An answer with what is logged of it. */
export interface LoggedResponse {
  /** Who asked, as an authorizer has said. */
  readonly principalId?: string;
  readonly response: GatewayResponse;
  readonly functionName?: string;
  readonly invocationId?: string;
  readonly latencyMs?: number;
  /** What the developer is told and the client is not. */
  readonly reason?: string;
  readonly refusal?: Refusal;
}

/** Why a request is not answered by its integration. */
export class Refused extends Error {
  public constructor(
    public readonly refusal: Refusal,
    public readonly reason?: string,
    public readonly more: Pick<LoggedResponse, 'functionName' | 'invocationId' | 'latencyMs'> = {},
  ) {
    super(refusal.type);
  }
}

export const INTERNAL = 'Internal server error';

/** What API Gateway or Lambda does not take. */
export function tooLarge(): Refused {
  return new Refused({ type: 'REQUEST_TOO_LARGE', message: 'Request Too Long' });
}
