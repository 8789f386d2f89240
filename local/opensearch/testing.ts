import { Client } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { startTestServices, TestOptions, TestServices } from '../testing';

/** A domain under test, with the client that functions use. */
export interface TestDomain {
  readonly test: TestServices;
  readonly client: Client;
  readonly url: string;
  /** Name of the domain. */
  readonly name: string;
  close(): Promise<void>;
}

/** The type of a domain in a template. */
export const DOMAIN = 'AWS::OpenSearchService::Domain';

/** Articles: settings and mapping of an index. */
export const ARTICLES = {
  settings: { number_of_shards: 1, number_of_replicas: 0 },
  mappings: {
    dynamic: 'strict' as const,
    properties: {
      articleId: { type: 'keyword' as const },
      tagList: { type: 'keyword' as const, ignore_above: 20 },
      title: { type: 'text' as const, analyzer: 'standard' },
      body: { type: 'text' as const },
      likes: { type: 'long' as const },
      created: { type: 'date' as const },
      draft: { type: 'boolean' as const },
    },
  },
};

/** Starts the services with one domain. */
export async function startDomain(options: TestOptions = {}, properties: object = {}): Promise<TestDomain> {
  const test = await startTestServices(options);
  const { ref, attributes } = await test.create(DOMAIN, 'Domain', { EngineVersion: 'OpenSearch_2.19', ...properties });
  const url = test.host.localizeAddresses(`https://${String(attributes.DomainEndpoint)}`);
  const client = signedClient(test, url);
  const close = async (): Promise<void> => {
    await client.close();
    await test.close();
  };
  return { test, client, url, name: ref, close };
}

/** The client of a function. */
export function signedClient({ client: { region, credentials } }: TestServices, node: string): Client {
  const getCredentials = async (): Promise<typeof credentials> => Promise.resolve(credentials);
  return new Client({ ...AwsSigv4Signer({ region, service: 'es', getCredentials }), node, maxRetries: 0 });
}

/** What a call was refused with. @throws Error where it was not */
export async function refusal(call: Promise<unknown>): Promise<{ status: number; type?: string; reason?: string }> {
  try {
    await call;
  } catch (error) {
    const { statusCode, body } = error as { statusCode?: number; body?: unknown };
    if (statusCode === undefined) throw error;
    const { error: said } = (body ?? {}) as { error?: { root_cause?: { type: string; reason: string }[] } };
    return { status: statusCode, type: said?.root_cause?.[0].type, reason: said?.root_cause?.[0].reason };
  }
  throw new Error('it was not refused');
}
