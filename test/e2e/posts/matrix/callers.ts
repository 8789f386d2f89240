import { crc32 } from 'node:zlib';
import type { Known, Who } from './rules';
import { assemble, decode, signedBySecret, signedByStranger } from '../../bad-input/tokens';
import { expiredToken } from '../expired-token';
import type { Scope } from '../shapes';
import type { PostsWorld, Session } from '../world';

/** Whoever sends a request, and how. */
export interface Caller {
  readonly name: string;
  /** Undefined where the API must not let them in. */
  readonly known: Known;
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Like another caller but for a detail: sends the first request of an endpoint, and not those for further kinds. */
  readonly detail?: boolean;
}

export interface People {
  readonly owner: Session;
  readonly allowed: Session;
  readonly other: Session;
}

/** Refused for a detail of what others are refused for as well. */
const DETAILS: readonly string[] = [
  'a token without a checksum',
  'a token with a changed secret and the old checksum',
  'a token with the secret of another, the other way round',
  'a token of no secret',
  'a token of 43 zeros',
  'a token of digits beyond what bytes can hold',
  'a token of another prefix',
  'a JWT of the algorithm none with a signature',
  'a JWT that brings its own key',
  'a JWT signed with a guessed secret',
  'a JWT that is cut',
  'a scheme alone',
  'another scheme',
  'no scheme',
  'two tokens in a header',
  'two headers, one of them good',
  'a token in another header',
];

const BOTH: readonly Scope[] = ['read:posts', 'write:posts'];
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Each of the people with a session, and with tokens of each scope and of both. */
async function knownCallers(world: PostsWorld, people: People): Promise<Caller[]> {
  const callersOf = async (who: Who): Promise<Caller[]> => {
    const { [who]: session } = people;
    const [read, write, both] = await Promise.all(
      [[BOTH[0]], [BOTH[1]], BOTH].map((scopes) => world.createToken(session, scopes)),
    );
    return [
      { name: `${who}, signed in`, known: { who, proof: 'session' }, headers: bearer(session.token) },
      { name: `${who}, token to read`, known: { who, proof: ['read'] }, headers: bearer(read.token) },
      { name: `${who}, token to write`, known: { who, proof: ['write'] }, headers: bearer(write.token) },
      { name: `${who}, token to do both`, known: { who, proof: ['read', 'write'] }, headers: bearer(both.token) },
    ];
  };
  return (await Promise.all((['owner', 'allowed', 'other'] as const).map(callersOf))).flat();
}

/** Digits of the checksum, in their order. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The checksum of the text before it: CRC-32 in base 62, six digits. */
function checksum(before: string): string {
  let digits = '';
  for (let rest = crc32(before); digits.length < 6; rest = Math.floor(rest / 62)) digits = DIGITS[rest % 62] + digits;
  return digits;
}

/** Whether `forgedTokens` makes checksums as the API does: else they would be refused for the wrong reason. */
export function hasChecksum(token: string): boolean {
  const at = token.lastIndexOf('_');
  return checksum(token.slice(0, at)) === token.slice(at + 1);
}

const withChecksum = (before: string): string => `${before}_${checksum(before)}`;

/** Access tokens of the API that it has not made, from two that it has. */
function forgedTokens(one: string, another: string): readonly (readonly [name: string, token: string])[] {
  const [, id, secret, sum] = one.split('_');
  const [, otherId, otherSecret] = another.split('_');
  const last = secret.endsWith('a') ? 'b' : 'a';
  const unknownId = `${id.slice(0, -6)}${otherId.slice(-7, -1)}`;
  return [
    ['a token with a wrong checksum', `csbp_${id}_${secret}_${sum === '000000' ? '000001' : '000000'}`],
    ['a token without a checksum', `csbp_${id}_${secret}`],
    ['a token with a changed secret and the old checksum', `csbp_${id}_${secret.slice(0, -1)}${last}_${sum}`],
    ['a token with a wrong secret and its right checksum', withChecksum(`csbp_${id}_${otherSecret}`)],
    ['a token with the secret of another, the other way round', withChecksum(`csbp_${otherId}_${secret}`)],
    ['a token of an id that is not there', withChecksum(`csbp_${unknownId}_${secret}`)],
    ['a token of no secret', withChecksum(`csbp_${id}_`)],
    ['a token of 43 zeros', withChecksum(`csbp_${'0'.repeat(43)}_${'0'.repeat(43)}`)],
    ['a token of digits beyond what bytes can hold', withChecksum(`csbp_${'z'.repeat(43)}_${'z'.repeat(43)}`)],
    ['a token of another prefix', withChecksum(`csbx_${id}_${secret}`)],
  ];
}

/** JWTs that the user pool has not made, or not for this. */
function forgedJwts(
  { token, idToken }: Session,
  stranger: Session,
): readonly (readonly [name: string, token: string])[] {
  const { header, payload, signature } = decode(token);
  const other = decode(stranger.token);
  const none = Buffer.alloc(0);
  return [
    ['an id token', idToken],
    ['a JWT without a signature', assemble({ ...header, alg: 'none' }, payload, none)],
    ['a JWT of the algorithm none with a signature', assemble({ ...header, alg: 'none' }, payload, signature)],
    ["a JWT signed with a stranger's key", signedByStranger(header, payload)],
    ['a JWT that brings its own key', signedByStranger({ ...header, kid: undefined, jwk: {} }, payload)],
    ['a JWT signed with a guessed secret', signedBySecret(header, payload, 'secret')],
    ["a JWT with another's signature", assemble(other.header, payload, other.signature)],
    ['a JWT of changed claims', assemble(header, { ...payload, exp: Number(payload.exp) + 86_400 }, signature)],
    ['a JWT that is cut', token.slice(0, -6)],
  ];
}

/** Those who come with nothing, or in a way that is none. */
function odd({ token }: Session): readonly (readonly [name: string, headers: Caller['headers']])[] {
  return [
    ['nobody', {}],
    ['an empty header', { authorization: '' }],
    ['a scheme alone', { authorization: 'Bearer ' }],
    ['another scheme', { authorization: `Basic ${token}` }],
    ['no scheme', { authorization: token }],
    ['two tokens in a header', { authorization: `Bearer ${token} ${token}` }],
    ['two headers', { authorization: [`Bearer ${token}`, `Bearer ${token}`] }],
    ['two headers, one of them good', { authorization: ['Bearer x', `Bearer ${token}`] }],
    ['a token in another header', { 'x-authorization': `Bearer ${token}`, cookie: `token=${token}` }],
  ];
}

/** What was good once: tokens that expire, are revoked and rotated away, and a user who has deleted themself. */
async function formerCallers(world: PostsWorld, owner: Session): Promise<readonly (readonly [string, string])[]> {
  const gone = await world.signUp();
  const [revoked, rotated, ofGone] = await Promise.all([
    world.createToken(owner, BOTH),
    world.createToken(owner, BOTH),
    world.createToken(gone, BOTH),
  ]);
  // They are refused for what becomes of them, and for nothing else.
  await Promise.all([revoked, rotated, ofGone, gone].map((by) => world.tags(by)));
  await world.deleteToken(owner, revoked.token_id);
  await world.rotateToken(owner, rotated.token_id);
  await world.deleteMe(gone);
  // With the next token of a user those that have expired are taken away: this user has no next.
  const expired = await expiredToken(world, await world.signUp());
  return [
    ['an expired token', expired.token],
    ['a session that has expired', (await world.oldSession(owner)).token],
    ['a revoked token', revoked.token],
    ['a token that was rotated away', rotated.token],
    ['a token of a deleted user', ofGone.token],
    ['a deleted user, signed in', gone.token],
  ];
}

/** Everybody of the matrix. */
export async function makeCallers(world: PostsWorld, people: People): Promise<readonly Caller[]> {
  const { owner, other } = people;
  const spare = await Promise.all([world.createToken(owner, BOTH), world.createToken(other, BOTH)]);
  const [one, another] = spare.map(({ token }) => token);
  const refused = [...(await formerCallers(world, owner)), ...forgedTokens(one, another), ...forgedJwts(owner, other)];
  const strangers = [...refused.map(([name, token]) => [name, bearer(token)] as const), ...odd(owner)];
  const names = strangers.map(([name]) => name);
  const missing = DETAILS.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`Nobody is called ${missing.join(' or ')}`);
  return [
    ...(await knownCallers(world, people)),
    ...strangers.map(([name, headers]) => ({ name, known: undefined, headers, detail: DETAILS.includes(name) })),
  ];
}
