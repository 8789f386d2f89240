import { Duration, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Domain, EngineVersion, TLSSecurityPolicy } from 'aws-cdk-lib/aws-opensearchservice';
import { ARTICLES } from './testing';
import { synthesize, TestAssembly } from '../assembly/test-assembly';
import { startApp } from '../runner';
import { RunningApp } from '../running-app';

const CLIENT = JSON.stringify(require.resolve('@opensearch-project/opensearch'));
const SIGNER = JSON.stringify(require.resolve('@opensearch-project/opensearch/aws-v3'));

// Does the calls of the event, one after another, and gives the status of each.
const CALLER = `
const { Client } = require(${CLIENT});
const { AwsSigv4Signer } = require(${SIGNER});
const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
const client = new Client({
  ...AwsSigv4Signer({ region: process.env.AWS_REGION, service: 'es', getCredentials: async () => ({
    accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY, sessionToken: AWS_SESSION_TOKEN }) }),
  node: process.env.SEARCH_ENDPOINT,
});
exports.handler = async (calls) => {
  const statuses = [];
  for (const [method, path, body] of calls) {
    const call = client.transport.request({ method, path, body });
    statuses.push(await call.then(({ statusCode }) => statusCode, ({ statusCode }) => statusCode));
  }
  return statuses;
};`;

describe('an app with a domain of the CDK', () => {
  let assembly: TestAssembly;
  let app: RunningApp;

  beforeAll(async () => {
    assembly = synthesize((cdk, code) => {
      const stack = new Stack(cdk, 'App');
      const domain = new Domain(stack, 'Domain', {
        version: EngineVersion.OPENSEARCH_2_19,
        capacity: { dataNodes: 1, dataNodeInstanceType: 't3.small.search', multiAzWithStandbyEnabled: false },
        encryptionAtRest: { enabled: true },
        nodeToNodeEncryption: true,
        enforceHttps: true,
        tlsSecurityPolicy: TLSSecurityPolicy.TLS_1_2,
        logging: { appLogEnabled: true, slowSearchLogEnabled: true, slowIndexLogEnabled: true },
        accessPolicies: [
          new PolicyStatement({
            actions: ['es:ESHttp*'],
            principals: [new AccountRootPrincipal()],
            resources: ['*'],
          }),
        ],
      });
      const make = (id: string): LambdaFunction =>
        new LambdaFunction(stack, id, {
          runtime: Runtime.NODEJS_24_X,
          handler: 'index.handler',
          code: Code.fromAsset(code({ 'index.js': CALLER })),
          timeout: Duration.seconds(20),
          environment: { SEARCH_ENDPOINT: `https://${domain.domainEndpoint}` },
        });
      domain.grantReadWrite(make('Manager'));
      domain.grantIndexRead('articles', make('Reader'));
    });
    app = await startApp({ assembly: assembly.directory, port: 0 });
  });

  afterAll(async () => {
    await app.close();
    assembly.remove();
  });

  it('is deployed, and its functions may call what their roles allow', async () => {
    const call = async (name: string, ...calls: readonly unknown[][]) => (await app.invoke(name, calls)).payload;
    expect(
      await call(
        'Manager',
        ['PUT', '/articles', ARTICLES],
        ['PUT', '/articles/_doc/1?refresh=true', { title: 'Signed' }],
        ['GET', '/articles/_doc/1'],
      ),
    ).toEqual([200, 201, 200]);
    const query = { query: { match: { title: 'signed' } } };
    expect(
      await call(
        'Reader',
        ['GET', '/articles/_search', query],
        ['GET', '/others/_search', query],
        ['PUT', '/articles/_doc/2', { title: 'x' }],
      ),
    ).toEqual([200, 403, 403]);
  });

  it('shows its calls, and what of the roles nobody has used', () => {
    const calls = app.calls().filter(({ service }) => service === 'es');
    expect(calls.map(({ operation, status }) => [operation, status])).toEqual([
      ['ESHttpPut', 200],
      ['ESHttpPut', 201],
      ['ESHttpGet', 200],
      ['ESHttpGet', 200],
      ['ESHttpGet', 403],
      ['ESHttpPut', 403],
    ]);
    expect(calls[0].resources[0]).toMatch(/^arn:aws:es:[a-z0-9-]+:\d{12}:domain\/app-domain[a-z0-9-]+\/articles$/);
    const unused = app.unusedActions().map(({ action }) => action);
    expect(unused).toContain('es:ESHttpDelete');
    expect(unused).not.toContain('es:UpdateDomainConfig');
  });
});
