import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ARTICLES, DOMAIN, refusal, signedClient, startDomain, TestDomain } from './testing';
import { listen, shut } from '../http/server';
import { TestServices } from '../testing';

const ACCOUNT = 'arn:aws:iam::000000000000';

describe('a domain', () => {
  let domain: TestDomain;
  let test: TestServices;

  beforeAll(async () => {
    domain = await startDomain({}, { DomainName: 'search' });
    test = domain.test;
  });

  afterAll(async () => domain.close());

  it('is reached where its address in AWS leads to, and says who it is', async () => {
    const host = /^search-search-[0-9a-z]{26}\.us-east-1\.es\.amazonaws\.com$/;
    const { ref, attributes } = await test.create(DOMAIN, 'Other', { EngineVersion: 'OpenSearch_3.1' });
    expect(ref).toMatch(/^test-other-[0-9a-f]{12}$/);
    expect(attributes.Arn).toBe(`arn:aws:es:us-east-1:000000000000:domain/${ref}`);
    expect(String(attributes.DomainEndpoint).replaceAll(ref, 'search')).toMatch(host);
    const text = `a https://${String(attributes.DomainEndpoint)}/x and https://search-no-1.us-east-1.es.amazonaws.com`;
    expect(test.host.localizeAddresses(text)).toMatch(
      /^a http:\/\/127\.0\.0\.1:\d+\/x and https:\/\/search-no-1\.us-east-1\.es\.amazonaws\.com$/,
    );
    const { body } = await domain.client.info();
    expect(body).toMatchObject({ version: { distribution: 'opensearch', number: '2.19.0' } });
  });

  it('refuses requests that are not signed, or signed by nobody of the app', async () => {
    const unsigned = await fetch(`${domain.url}/articles/_search`);
    expect([unsigned.status, await unsigned.json()]).toEqual([
      403,
      { Message: 'User: anonymous is not authorized to perform: es:ESHttp*' },
    ]);
    const credentials = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'x' };
    const client = signedClient({ ...test, client: { ...test.client, credentials } }, domain.url);
    expect((await refusal(client.info())).status).toBe(403);
  });

  it('asks IAM for the method on the path, and answers 403 where that is not allowed', async () => {
    test.authorizations.length = 0;
    await refusal(domain.client.search({ index: 'none', body: {} }));
    expect(test.authorizations).toEqual([
      {
        principal: 'caller',
        action: 'es:ESHttpPost',
        resources: ['arn:aws:es:us-east-1:000000000000:domain/search/none/_search'],
      },
    ]);
    expect(test.calls.at(-1)).toMatchObject({ service: 'es', operation: 'ESHttpPost', status: 404 });
    test.denied.add('es:ESHttpPut');
    const put = await fetch(`${domain.url}/articles`, { method: 'PUT', headers: signature() });
    test.denied.clear();
    expect([put.status, await put.json()]).toEqual([
      403,
      {
        Message:
          'User: caller is not authorized to perform: es:ESHttpPut on resource: arn:aws:es:us-east-1:000000000000:domain/search/articles',
      },
    ]);
  });

  it.each([
    [{ Colour: 'red' }, /property Colour is not supported here/],
    [{ EngineVersion: 'Elasticsearch_7.10' }, /EngineVersion Elasticsearch_7.10 is not supported/],
    [{ AdvancedOptions: { 'rest.action.multi.allow_explicit_index': 'false' } }, /allow_explicit_index of false/],
    [{ AdvancedSecurityOptions: { Enabled: true, InternalUserDatabaseEnabled: true } }, /InternalUserDatabaseEnabled/],
    [{ AccessPolicies: statement({ AWS: '*' }) }, /a statement of AccessPolicies is not supported here/],
    [{ AccessPolicies: statement({ AWS: `${ACCOUNT}:root` }, { IpAddress: {} }) }, /AccessPolicies is not supported/],
  ])('refuses by name what it does not know: %j', async (properties, message) => {
    const given = { EngineVersion: 'OpenSearch_2.19', ...properties };
    await expect(test.create(DOMAIN, 'Wrong', given)).rejects.toThrow(message);
  });

  it('takes the access policy that the CDK sets by a custom resource', async () => {
    const call = (policy: object, name = 'search') =>
      JSON.stringify({
        service: 'OpenSearch',
        action: 'updateDomainConfig',
        parameters: { DomainName: name, AccessPolicies: JSON.stringify(policy) },
      });
    const create = async (text: string) =>
      test.create('Custom::OpenSearchAccessPolicy', 'Policy', {
        ServiceToken: 'arn:aws:lambda:us-east-1:000000000000:function:sdk',
        Create: text,
      });
    test.authorizations.length = 0;
    await create(call(statement({ AWS: `${ACCOUNT}:root` })));
    expect(test.authorizations).toMatchObject([{ principal: 'sdk', action: 'es:UpdateDomainConfig' }]);
    await expect(create(call(statement({ AWS: '*' })))).rejects.toThrow(/a statement of AccessPolicies/);
    await expect(create(call(statement({ AWS: `${ACCOUNT}:root` }), 'none'))).rejects.toThrow(/domain none/);
  });
});

function statement(principal: object, condition?: object): object {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'es:ESHttp*', Resource: '*', Principal: principal, Condition: condition }],
  };
}

function signature(): Record<string, string> {
  return { authorization: 'AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/es/aws4_request, Signature=0' };
}

describe('a domain with fine-grained access control', () => {
  const CALLER = `${ACCOUNT}:role/caller`;

  async function withMaster(arn: string, work: (domain: TestDomain) => Promise<void>, dataDir?: string): Promise<void> {
    const domain = await startDomain(
      { dataDir },
      { AdvancedSecurityOptions: { Enabled: true, MasterUserOptions: { MasterUserARN: arn } } },
    );
    try {
      await work(domain);
    } finally {
      await domain.close();
    }
  }

  it('lets in nobody but its master user', async () => {
    await withMaster(`${ACCOUNT}:role/master`, async ({ client }) => {
      expect(await refusal(client.search({ index: 'articles', body: {} }))).toEqual({
        status: 403,
        type: 'security_exception',
        reason: expect.stringContaining('no permissions for [indices:data/read/search] and User [name=') as string,
      });
      expect((await refusal(client.security.getRole({ role: 'r' }))).type).toBe('security_exception');
    });
  });

  it('lets in whom the master user gave a role, to what the role allows, also in the next run', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'domain-'));
    try {
      await withMaster(
        CALLER,
        async ({ client }) => {
          await client.indices.create({ index: 'articles-1', body: { ...ARTICLES, aliases: { articles: {} } } });
          const made = await client.security.createRole({
            role: 'searchers',
            body: {
              cluster_permissions: ['indices:data/write/bulk'],
              index_permissions: [
                {
                  index_patterns: ['articles-*'],
                  allowed_actions: ['indices:data/read/search*', 'indices:data/write/*'],
                },
              ],
            },
          });
          expect(made.statusCode).toBe(201);
          await client.security.createRoleMapping({ role: 'searchers', body: { backend_roles: [CALLER] } });
        },
        dataDir,
      );
      await withMaster(
        `${ACCOUNT}:role/master`,
        async ({ client }) => {
          expect((await client.search({ index: 'articles', body: {} })).body.hits.hits).toEqual([]);
          const lines = [{ index: { _id: '1' } }, { title: 'x' }];
          expect((await client.bulk({ index: 'articles', body: lines })).body.errors).toBe(false);
          expect((await refusal(client.get({ index: 'articles', id: '1' }))).type).toBe('security_exception');
          expect((await refusal(client.search({ index: 'others', body: {} }))).type).toBe('security_exception');
          const others = client.bulk({ body: [{ delete: { _index: 'others', _id: '1' } }] });
          expect((await refusal(others)).type).toBe('security_exception');
          expect((await refusal(client.indices.delete({ index: 'articles-1' }))).type).toBe('security_exception');
        },
        dataDir,
      );
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });

  it('lets aliases be given by whom it lets to the index and to what has the name of the alias', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'domain-'));
    try {
      await withMaster(
        CALLER,
        async ({ client }) => {
          const permission = { index_patterns: ['a-*'], allowed_actions: ['indices:admin/*'] };
          await client.security.createRole({ role: 'makers', body: { index_permissions: [permission] } });
          await client.security.createRoleMapping({ role: 'makers', body: { backend_roles: [CALLER] } });
        },
        dataDir,
      );
      await withMaster(
        `${ACCOUNT}:role/master`,
        async ({ client }) => {
          const create = (index: string, alias: string) =>
            client.indices.create({ index, body: { ...ARTICLES, aliases: { [alias]: {} } } });
          expect((await create('a-1', 'a-x')).statusCode).toBe(200);
          expect((await refusal(create('a-2', 'other'))).type).toBe('security_exception');
          const change = (alias: string) =>
            client.indices.updateAliases({ body: { actions: [{ add: { index: 'a-1', alias } }] } });
          expect((await change('a-y')).statusCode).toBe(200);
          expect((await refusal(change('other'))).type).toBe('security_exception');
        },
        dataDir,
      );
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('a domain with a real OpenSearch behind it', () => {
  const asked: { readonly line: string; readonly body: string }[] = [];
  let server: Server;
  let url: string;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push({ line: `${request.method} ${request.url}`, body: Buffer.concat(chunks).toString() });
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"answered":true}');
      });
    });
    url = `http://127.0.0.1:${await listen(server, 0)}`;
  });

  afterAll(async () => shut(server));

  it('hands on what IAM allows, and answers what that answers', async () => {
    const domain = await startDomain({ engines: { search: `${url}/below` } });
    try {
      asked.length = 0;
      const { body } = await domain.client.search({ index: 'a', body: { size: 1 }, track_total_hits: true });
      expect(body).toEqual({ answered: true });
      expect(asked).toEqual([{ line: 'POST /below/a/_search?track_total_hits=true', body: '{"size":1}' }]);
      domain.test.denied.add('es:ESHttpGet');
      expect((await refusal(domain.client.info())).status).toBe(403);
      expect(asked).toHaveLength(1);
      await expect(domain.test.create(DOMAIN, 'Second', {})).rejects.toThrow('--search with a URL is of one domain');
    } finally {
      await domain.close();
    }
  });

  it('is not begun where nothing answers, or with a lag', async () => {
    await expect(startDomain({ engines: { search: 'http://127.0.0.1:9' } })).rejects.toThrow('does not answer');
    await expect(startDomain({ engines: { search: url }, lag: { search: 5 } })).rejects.toThrow('--lag search is of');
  });
});
