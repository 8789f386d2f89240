import { verify } from 'node:crypto';
import { isObject } from '../assembly';
import { IssuerKeys } from './issuer-keys';

/** "Currently, only RSA-based algorithms are supported." */
const DIGESTS: Readonly<Record<string, string>> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };

export type Claims = Readonly<Record<string, unknown>>;

/** A token that is not taken, with the words for it. */
export class InvalidToken extends Error {}

/** A token that has ended; it was one before. */
export class ExpiredToken extends InvalidToken {}

interface Token {
  readonly header: Claims;
  readonly claims: Claims;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Verifies the JSON Web Tokens of one issuer. */
export class TokenVerifier {
  private readonly keys: IssuerKeys;

  /**
   * @param issuer as the claim `iss` has to be, to the letter
   * @param localAddress gives the address on this machine of one in AWS, and any other as it is
   * @param now milliseconds since 1970
   */
  public constructor(
    private readonly issuer: string,
    localAddress: (url: string) => string,
    private readonly now: () => number,
  ) {
    this.keys = new IssuerKeys(issuer, localAddress, now);
  }

  /**
   * Checks signature and issuer, then whom the token is for, then its times.
   *
   * @param intended false where the token is for another
   * @throws InvalidToken
   */
  public async verify(text: string, intended: (claims: Claims) => boolean): Promise<Claims> {
    const token = parseToken(text);
    await this.checkSignature(token);
    const { claims } = token;
    if (claims.iss !== this.issuer) throw new InvalidToken('the token does not have a valid issuer');
    if (!intended(claims)) throw new InvalidToken('the token does not have a valid audience');
    const seconds = this.now() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp <= seconds) throw new ExpiredToken('the token has expired');
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

/** The claims of a token, whose signature nobody has checked; undefined for what is no token. */
export function unverifiedClaims(text: string): Claims | undefined {
  try {
    return parseToken(text).claims;
  } catch (error) {
    if (error instanceof InvalidToken) return undefined;
    throw error;
  }
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
