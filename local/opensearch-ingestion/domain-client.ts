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

/** How often a domain is asked that does not answer as it should. */
const TRIES = 20;

/**
 * Asks what a sink asks first. IAM and fine-grained access control both have to let it.
 *
 * @throws an Error that names the pipeline, where it is refused, or goes wrong again and again
 */
export async function checkDomain(pipeline: string, call: CallDomain): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const { status, body } = await call('GET', '/').catch((error: unknown) => ({
      status: 0,
      body: error instanceof Error ? error.message : String(error),
    }));
    if (status >= 200 && status < 300) return;
    if (status === 401 || status === 403 || tries === TRIES) {
      throw new Error(`pipeline ${pipeline}: its domain answers ${status === 0 ? 'not' : status}: ${body}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5 * tries));
  }
}
