/** Values by name, as a request carries them. */
export type Parameters = Readonly<Record<string, string | undefined>>;

/** A request, whichever kind of API Gateway it came through. */
export interface HttpRequest {
  readonly method: string;
  /** Path as it was sent, without the query. */
  readonly rawPath: string;
  /** The route that matched: `GET /api/articles/{slug}`. */
  readonly route: string;
  /** Decoded by the gateway. */
  readonly path: Parameters;
  /** Decoded; a name that is sent twice has its values joined by a comma. */
  readonly query: Parameters;
  /** Names in lower case. */
  readonly headers: Parameters;
  readonly body: RequestBody;
  /** Where the API is served, without a path: `https://api.example.com`. */
  readonly origin: string;
  readonly requestId: string;
  /** What an authorizer of the gateway found out about the caller; nothing where the route has none. */
  readonly authorizer?: Parameters;
  /** The address that the gateway was called from: of a proxy, where there is one in front of it. */
  readonly sourceIp: string;
}

/** A body as it was sent: none, JSON, or text that is no JSON. */
export type RequestBody =
  { readonly kind: 'none' } | { readonly kind: 'json'; readonly value: unknown } | { readonly kind: 'malformed' };
