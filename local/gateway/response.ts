/** What goes back to the client. */
export interface GatewayResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** An answer of the gateway itself: `{"message":"Not Found"}`. */
export function gatewayMessage(status: number, message: string): GatewayResponse {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** An answered request. */
export interface RoutedResponse {
  readonly response: GatewayResponse;
  readonly routeKey?: string;
  readonly functionName?: string;
  readonly invocationId?: string;
}
