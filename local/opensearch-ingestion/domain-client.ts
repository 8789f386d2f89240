/** An answer of a domain. */
export interface DomainResponse {
  readonly status: number;
  readonly body: string;
}

/** Calls a domain. Rejects where nothing answers. */
export type CallDomain = (method: 'GET' | 'POST', path: string, body?: string) => Promise<DomainResponse>;

/**
 * Calls a domain at its address on this machine, as a role does: by an access key that names it.
 *
 * @param signal ends calls that are under way
 */
export function domainClient(host: string, accessKeyId: string, region: string, signal: AbortSignal): CallDomain {
  // Signatures are not checked on this machine: who calls is known by the key.
  const scope = `${accessKeyId}/19700101/${region}/es/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  return async (method, path, body) => {
    const headers = { authorization, 'content-type': 'application/x-ndjson' };
    const response = await fetch(`${host}${path}`, { method, headers, body, signal });
    return { status: response.status, body: await response.text() };
  };
}
