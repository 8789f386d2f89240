import { isObject } from '../assembly';
import { callerNames } from '../aws/caller';
import { SignatureRefused, SignedRequest, verifySignature } from '../aws/signature';
import { Claims, ExpiredToken, InvalidToken, TokenVerifier, unverifiedClaims } from '../gateway/token';
import { AccessDenied, Authorizer, CallerIdentity } from '../types';
import { ApiCaller, RequestRefused } from './caller';
import { AuthMode } from './schema/authorization';

/** A user pool that an API trusts. */
export interface TrustedPool {
  readonly issuer: string;
  /** Of the client that a token is for. @default - any client of the pool */
  readonly clients?: RegExp;
}

/** How an API finds out who calls. */
export interface AuthenticatorOptions {
  readonly region: string;
  readonly accountId: string;
  /** `arn:aws:appsync:REGION:ACCOUNT:apis/ID`. */
  readonly apiArn: string;
  readonly modes: readonly AuthMode[];
  readonly pools: readonly TrustedPool[];
  readonly authorizer: () => Pick<Authorizer, 'authorize'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  localAddress(url: string): string;
  identify(accessKeyId: string): CallerIdentity | undefined;
  log(line: string): void;
}

/** A request, or the header of a message that has one as its authorization. */
export interface AuthRequest extends SignedRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly sourceIp: string;
}

const unauthorized = (message: string): RequestRefused => new RequestRefused(401, 'UnauthorizedException', message);

const forbidden = (type: string, message: string): RequestRefused => new RequestRefused(403, type, message);

/**
 * Finds out who calls by the headers, after "Configuring authorization and authentication" of the AppSync developer guide:
 * a signature of version 4 for IAM, else a token of a user pool, an id or an access token, as it is.
 */
export class Authenticator {
  private readonly verifiers: ReadonlyMap<string, { readonly pool: TrustedPool; readonly verifier: TokenVerifier }>;

  public constructor(private readonly options: AuthenticatorOptions) {
    const { pools, now } = options;
    this.verifiers = new Map(
      pools.map((pool) => {
        const verifier = new TokenVerifier(pool.issuer, (url) => options.localAddress(url), now);
        return [pool.issuer, { pool, verifier }];
      }),
    );
  }

  /** @throws RequestRefused */
  public async authenticate(request: AuthRequest): Promise<ApiCaller> {
    const { authorization = '', 'x-api-key': apiKey } = request.headers;
    const { modes } = this.options;
    if (authorization === '' || apiKey !== undefined) throw unauthorized('Valid authorization header not provided.');
    if (authorization.startsWith('AWS4-')) {
      if (!modes.includes('AWS_IAM')) throw unauthorized('You are not authorized to make this call.');
      return this.byRole(request);
    }
    if (!modes.includes('AMAZON_COGNITO_USER_POOLS')) throw unauthorized('You are not authorized to make this call.');
    return this.byToken(authorization, request.sourceIp);
  }

  private async byToken(text: string, sourceIp: string): Promise<ApiCaller> {
    const issuer = unverifiedClaims(text)?.iss;
    if (issuer === undefined) throw unauthorized('Unable to parse JWT token.');
    const trusted = this.verifiers.get(String(issuer));
    if (trusted === undefined) throw unauthorized('You are not authorized to make this call.');
    try {
      const claims = await trusted.verifier.verify(text, (given) => isFor(given, trusted.pool));
      return userOf(claims, sourceIp);
    } catch (error) {
      if (!(error instanceof InvalidToken)) throw error;
      this.options.log(`a token is refused: ${error.message}`);
      throw unauthorized(
        error instanceof ExpiredToken ? 'Token has expired.' : 'You are not authorized to make this call.',
      );
    }
  }

  private byRole(request: AuthRequest): ApiCaller {
    const { region } = this.options;
    let accessKeyId: string;
    try {
      accessKeyId = verifySignature(request, {
        ...{ region, service: 'appsync' },
        // Callers have the clock of the machine, whatever that of a test.
        now: Date.now(),
        credentials: (key) => this.options.identify(key)?.credentials,
      });
    } catch (error) {
      if (!(error instanceof SignatureRefused)) throw error;
      this.options.log(`a signature is refused: ${error.message}`);
      throw signatureRefusal(error.message);
    }
    const caller = this.options.identify(accessKeyId);
    if (caller === undefined) throw signatureRefusal('the security token included in the request is invalid');
    return this.roleCaller(caller, request.sourceIp);
  }

  private roleCaller({ principal }: CallerIdentity, sourceIp: string): ApiCaller {
    const { accountId, apiArn, authorizer } = this.options;
    const { userArn, userId } = callerNames(principal, accountId);
    return {
      mode: 'AWS_IAM',
      groups: [],
      identity: {
        accountId,
        cognitoIdentityAuthProvider: null,
        cognitoIdentityAuthType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        sourceIp: [sourceIp],
        userArn,
        username: userId,
      },
      mayCall: (parentTypeName, fieldName) => {
        try {
          authorizer().authorize(principal, 'appsync:GraphQL', [
            `${apiArn}/types/${parentTypeName}/fields/${fieldName}`,
          ]);
          return true;
        } catch (error) {
          if (!(error instanceof Error) || error.name !== AccessDenied.name) throw error;
          this.options.log(error.message);
          return false;
        }
      },
    };
  }
}

function signatureRefusal(message: string): RequestRefused {
  if (message.includes('security token')) {
    return forbidden('UnrecognizedClientException', 'The security token included in the request is invalid.');
  }
  if (message.includes('does not match')) {
    return forbidden(
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided.',
    );
  }
  return forbidden('IncompleteSignatureException', 'The request signature is not valid.');
}

/** "AWS AppSync supports both id and access tokens": the client is `aud` of the one, `client_id` of the other. */
function isFor(claims: Claims, { clients }: TrustedPool): boolean {
  const client = claims.token_use === 'id' ? claims.aud : claims.client_id;
  if (claims.token_use !== 'id' && claims.token_use !== 'access') return false;
  return typeof client === 'string' && (clients === undefined || clients.test(client));
}

/** `$ctx.identity` after "Resolver mapping template context reference". */
function userOf(claims: Claims, sourceIp: string): ApiCaller {
  const given = claims['cognito:groups'];
  const groups = Array.isArray(given) ? given.map(String) : [];
  return {
    mode: 'AMAZON_COGNITO_USER_POOLS',
    groups,
    identity: {
      sub: claims.sub,
      issuer: claims.iss,
      username: claims.username ?? claims['cognito:username'],
      claims: isObject(claims) ? claims : {},
      sourceIp: [sourceIp],
      defaultAuthStrategy: 'ALLOW',
      groups: groups.length > 0 ? groups : null,
    },
    mayCall: () => true,
  };
}
