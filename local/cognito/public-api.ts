import { issuerOf } from './authentication';
import { PREFLIGHT, withCors } from './cors';
import { Pools } from './pools';
import { AwsAnswer, AwsApi, AwsError, AwsRequest, HttpAnswer, Permission, WireProtocol } from '../aws/protocol';

/** What stands before the path of calls to Cognito's own address. */
export const ADDRESS_PREFIX = '/cognito-idp';

const DOCUMENT = new RegExp(`^${ADDRESS_PREFIX}/([^/]+)/\\.well-known/(jwks\\.json|openid-configuration)$`);

function json(status: number, body: string, requestId: string): HttpAnswer {
  return withCors({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-requestid': requestId },
    body,
  });
}

const PROTOCOL: WireProtocol = {
  match: ({ method, path }) => {
    if (method === 'OPTIONS' && path.startsWith(`${ADDRESS_PREFIX}/`)) return 'Preflight';
    if (method !== 'GET') return undefined;
    const document = DOCUMENT.exec(path)?.[2];
    if (document === undefined) return undefined;
    return document === 'jwks.json' ? 'GetJwks' : 'GetOpenIdConfiguration';
  },
  parse: ({ path }) => ({ poolId: DOCUMENT.exec(path)?.[1] ?? '' }),
  answer: ({ body }, requestId) => (body === '' ? PREFLIGHT : json(200, JSON.stringify(body), requestId)),
  failure: (error, requestId) => json(error.status, JSON.stringify({ message: error.message }), requestId),
};

/** What anybody may read of a pool: its public keys, and where they are. */
export class PublicApi implements AwsApi {
  public readonly prefix = 'cognito-idp';
  public readonly protocol = PROTOCOL;
  public readonly unsigned = ['GetJwks', 'GetOpenIdConfiguration', 'Preflight'];

  public constructor(private readonly pools: Pools) {}

  public permissions(): readonly Permission[] {
    return [];
  }

  public async handle({ operation, input }: AwsRequest): Promise<AwsAnswer> {
    if (operation === 'Preflight') return { body: '' };
    const id = String(input.poolId);
    const pool = this.pools.find(id);
    if (pool === undefined) throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`, 404);
    if (operation === 'GetJwks') return { body: pool.keys.jwks() };
    const issuer = issuerOf(id);
    return {
      body: {
        id_token_signing_alg_values_supported: ['RS256'],
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        response_types_supported: ['code', 'token'],
        scopes_supported: ['openid', 'email', 'phone', 'profile'],
        subject_types_supported: ['public'],
      },
    };
  }
}
