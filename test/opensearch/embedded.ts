import { type SearchService } from './service';
import { startDomain, type TestDomain } from '../../local/opensearch/testing';

/** The embedded subset, running. */
export interface EmbeddedService extends SearchService {
  close(): Promise<void>;
}

/** A domain of the local runner, as one that may do everything there. */
export async function startEmbedded(): Promise<EmbeddedService> {
  const domain: TestDomain = await startDomain();
  const { accessKeyId } = domain.test.client.credentials;
  const scope = `${accessKeyId}/20260101/${domain.test.client.region}/es/aws4_request`;
  return {
    url: domain.url,
    // The runner reads of a signature who has signed.
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0` },
    close: () => domain.close(),
  };
}
