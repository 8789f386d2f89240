import { verify } from 'node:crypto';
import { isObject } from '../assembly';
import { Authorization, AuthorizerCall, IdentitySource, RouteAuthorizer } from './authorizer';
import { IssuerKeys } from './issuer-keys';

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

/** "Currently, only RSA-based algorithms are supported." */
const DIGESTS: Readonly<Record<string, string>> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };

type Claims = Readonly<Record<string, unknown>>;

/** A token that is not taken, with the words for it. */
class InvalidToken extends Error {}

interface Token {
  readonly header: Claims;
  readonly claims: Claims;
  readonly signed: Buffer;
  readonly signature: Buffer;
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
  private readonly keys: IssuerKeys;

  public constructor(
    private readonly settings: JwtAuthorizerSettings,
    localAddress: (url: string) => string,
    private readonly now: () => number,
  ) {
    this.keys = new IssuerKeys(settings.issuer, localAddress, now);
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
    const token = parseToken(text);
    await this.checkSignature(token);
    const { claims } = token;
    const { issuer, audience } = this.settings;
    if (claims.iss !== issuer) throw new InvalidToken('the token does not have a valid issuer');
    const intended = [claims.aud ?? claims.client_id].flat();
    if (!audience.some((entry) => intended.includes(entry))) {
      throw new InvalidToken('the token does not have a valid audience');
    }
    const seconds = this.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp <= seconds) throw new InvalidToken('the token has expired');
    if (isLater(claims.nbf, seconds)) throw new InvalidToken('the token is not valid yet');
    if (isLater(claims.iat, seconds)) throw new InvalidToken('the token was issued in the future');
    return claims;
  }

  private async checkSignature({ header, signed, signature }: Token): Promise<void> {
    const { alg, kid } = header;
    const digest = typeof alg === 'string' && Object.hasOwn(DIGESTS, alg) ? DIGESTS[alg] : undefined;
    if (digest === undefined) throw new InvalidToken(`signing method ${printable(alg)} is invalid`);
    if (typeof kid !== 'string') throw new InvalidToken('the token does not name its key');
    const found = await this.keys.find(kid).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new InvalidToken(`the keys of the issuer are out of reach: ${printable(reason)}`);
    });
    if (found === undefined) throw new InvalidToken('the issuer does not have the key of the token');
    const rightKey = found.algorithm === undefined || found.algorithm === alg;
    if (!rightKey || !verify(digest, signed, found.key, signature)) throw new InvalidToken('signature is invalid');
  }
}

function refusal(status: 401 | 403, scopes: readonly string[], error: string, description: string): Authorization {
  const challenge = `Bearer scope="${scopes.join(' ')}" error="${error}" error_description="${description}"`;
  return { allowed: false, status, headers: { 'www-authenticate': challenge }, reason: `authorizer: ${description}` };
}

/** Nothing of a token may break out of the header. */
function printable(value: unknown): string {
  return String(value)
    .replace(/[^\w ./:-]/g, '')
    .slice(0, 200);
}

function parseToken(text: string): Token {
  const parts = text.split('.');
  const [header = '', body = '', signature = ''] = parts;
  if (parts.length !== 3) throw new InvalidToken('token contains an invalid number of segments');
  return {
    header: parsePart(header, 'header'),
    claims: parsePart(body, 'claims'),
    signed: Buffer.from(`${header}.${body}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function parsePart(text: string, name: string): Claims {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (isObject(value)) return value;
  } catch {
    // Told below.
  }
  throw new InvalidToken(`unable to decode the ${name} of the token`);
}

/** A time that is there and is none, or has yet to come. */
function isLater(claim: unknown, seconds: number): boolean {
  return claim !== undefined && (typeof claim !== 'number' || claim > seconds);
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
