import { isObject } from '../assembly';
import { Authorization, AuthorizerCall, IdentitySource, RouteAuthorizer } from './authorizer';
import { Claims, InvalidToken, TokenVerifier } from '../gateway/token';

/** A JWT authorizer of an HTTP API. */
export interface JwtAuthorizerSettings {
  readonly id: string;
  /** As the claim `iss` has to be, to the letter. */
  readonly issuer: string;
  /** For whom a token has to be: at least one. */
  readonly audience: readonly string[];
  /** Where the token stands in a request. */
  readonly identitySource: IdentitySource;
}

/**
 * Lets in who has a token of an issuer.
 *
 * After "Control access to HTTP APIs with JWT authorizers in API Gateway" of the API Gateway developer guide: the token
 * stands alone or after `Bearer `; `kid` names the key that signed it; `iss`, `aud` (or `client_id`, where there is no
 * `aud`), `exp`, `nbf`, `iat` and a scope of the route are checked. The header `www-authenticate` is that of
 * "Troubleshooting issues with HTTP API JWT authorizers", with the scopes of the route as answers of AWS have them
 * (`scope="api/admin" error="invalid_token" error_description="the token has expired"`). Of its descriptions those on the
 * audience, on the end and on the number of segments are AWS's words, the others are after their manner. Nothing says
 * what a token without `exp` is, or one whose scopes do not do: it is refused, and 403 with `insufficient_scope`, which
 * is the status of RFC 6750.
 */
export class JwtAuthorizer implements RouteAuthorizer {
  private readonly verifier: TokenVerifier;

  public constructor(
    private readonly settings: JwtAuthorizerSettings,
    localAddress: (url: string) => string,
    now: () => number,
  ) {
    this.verifier = new TokenVerifier(settings.issuer, localAddress, now);
  }

  public async authorize({ request, target, scopes }: AuthorizerCall): Promise<Authorization> {
    const given = this.settings.identitySource(request, target) ?? '';
    if (given === '') return { allowed: false, status: 401, headers: { 'www-authenticate': 'Bearer' } };
    try {
      const claims = await this.verified(given.replace(/^Bearer /, ''));
      if (scopes.length > 0 && !scopesOf(claims).some((scope) => scopes.includes(scope))) {
        return refusal(403, scopes, 'insufficient_scope', 'the token has none of the scopes of the route');
      }
      const texts = Object.entries(claims).map(([name, value]) => [name, claimText(value)] as const);
      return {
        allowed: true,
        authorizer: { jwt: { claims: Object.fromEntries(texts), scopes: scopes.length > 0 ? [...scopes] : null } },
      };
    } catch (error) {
      if (!(error instanceof InvalidToken)) throw error;
      return refusal(401, scopes, 'invalid_token', error.message);
    }
  }

  private async verified(text: string): Promise<Claims> {
    const { audience } = this.settings;
    return this.verifier.verify(text, (claims) => {
      const intended = [claims.aud ?? claims.client_id].flat();
      return audience.some((entry) => intended.includes(entry));
    });
  }
}

function refusal(status: 401 | 403, scopes: readonly string[], error: string, description: string): Authorization {
  const challenge = `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${description}"`;
  return { allowed: false, status, headers: { 'www-authenticate': challenge }, reason: `authorizer: ${description}` };
}

/** Scopes of `scope` or `scp`, as text or as a list. */
function scopesOf(claims: Claims): readonly string[] {
  return [claims.scope ?? claims.scp].flat().flatMap((entry) => (typeof entry === 'string' ? entry.split(' ') : []));
}

/**
 * A claim as the event has it: text. Nothing documents the form of lists; handlers that run behind such an authorizer
 * read `cognito:groups` as `[admin editor]`. Objects follow the same manner.
 */
function claimText(value: unknown): string {
  if (Array.isArray(value)) return `[${(value as unknown[]).map(claimText).join(' ')}]`;
  if (!isObject(value)) return String(value);
  const entries = Object.keys(value).sort();
  return `map[${entries.map((key) => `${key}:${claimText(value[key])}`).join(' ')}]`;
}
