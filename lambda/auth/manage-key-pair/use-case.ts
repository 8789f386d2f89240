import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { whileRefused } from '../../core/custom-resource';
import { ALGORITHM, type Jwk, KEY_LIFE, sign, type SigningKey, verify } from '../tokens';

/** How long a replaced key still signs, in seconds: signers cache theirs for that long, and a minute is added. */
const SIGNER_CACHE_SECONDS = KEY_LIFE / 1000 + 60;

/** The public keys that are published, and since when some of them sign no more. */
export interface PublishedKeys {
  readonly keys: readonly Jwk[];
  /** Epoch seconds by key id. */
  readonly retired: Readonly<Record<string, number>>;
}

/** What the rules about keys need of storage. */
export interface KeyPorts {
  signingKey(stage: 'AWSCURRENT' | 'AWSPENDING', versionId?: string): Promise<SigningKey | undefined>;
  put(key: SigningKey, stage: 'AWSCURRENT' | 'AWSPENDING', token?: string): Promise<void>;
  promote(versionId: string): Promise<void>;
  published(): Promise<PublishedKeys>;
  publish(change: (published: PublishedKeys) => PublishedKeys): Promise<void>;
  pause(ms: number): Promise<void>;
}

/** How long a key is published before it signs, in ms: longer than `KEYS_RETRY` of those that verify. */
export const PUBLISHED_MS = 6_000;

function newPair(): { signing: SigningKey; publicKey: Jwk } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = randomUUID();
  const labels = { kid, alg: ALGORITHM };
  return {
    signing: { kid, privateKey: { ...privateKey.export({ format: 'jwk' }), ...labels } },
    publicKey: { ...publicKey.export({ format: 'jwk' }), ...labels, use: 'sig' },
  };
}

const has = (published: PublishedKeys, kid: string) => published.keys.some((key) => key.kid === kid);

/** Once, however often it is said: a write whose answer was lost is tried again, and two keys of one id verify nothing. */
const withKey = (keys: readonly Jwk[], added: Jwk) => [...keys.filter((key) => key.kid !== added.kid), added];

/** Refusals that pass where rights are new: of the services themselves, and of the key that encrypts for them. */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'DecryptionFailure',
  'EncryptionFailure',
  'KMSAccessDeniedException',
  'UnrecognizedClientException',
]);
const isDenied = (error: unknown) => error instanceof Error && DENIED.has(error.name);

/**
 * Makes calls that are denied again while there is time.
 *
 * @param timeLeft in ms
 */
export function retryWhileDenied(ports: KeyPorts, timeLeft: () => number): KeyPorts {
  const patience = { passes: isDenied, timeLeft, pause: (ms: number) => ports.pause(ms) };
  const allowed = <T>(call: () => Promise<T>): Promise<T> => whileRefused(call, patience);
  return {
    signingKey: (...given) => allowed(() => ports.signingKey(...given)),
    put: (...given) => allowed(() => ports.put(...given)),
    promote: (...given) => allowed(() => ports.promote(...given)),
    published: () => allowed(() => ports.published()),
    publish: (...given) => allowed(() => ports.publish(...given)),
    pause: (ms) => ports.pause(ms),
  };
}

/** Makes the first pair; where there is one already, nothing changes. The public key is out before its twin signs. */
export async function ensureKeyPair(ports: KeyPorts): Promise<void> {
  const current = await ports.signingKey('AWSCURRENT');
  if (current && has(await ports.published(), current.kid)) {
    return;
  }
  const { signing, publicKey } = newPair();
  await ports.publish((published) => ({ ...published, keys: withKey(published.keys, publicKey) }));
  await ports.put(signing, 'AWSCURRENT');
}

/**
 * One step of a rotation, as Secrets Manager asks for them. Keys that signed before stay published for as long as a
 * token of theirs can live.
 *
 * @param tokenLifetime in seconds
 * @param now in epoch seconds
 */
export async function rotate(
  ports: KeyPorts,
  step: string,
  versionId: string,
  tokenLifetime: number,
  now: number,
): Promise<void> {
  switch (step) {
    case 'createSecret': {
      if (await ports.signingKey('AWSPENDING', versionId)) {
        return;
      }
      const { signing, publicKey } = newPair();
      await ports.publish((published) => {
        const kept = tokenLifetime + SIGNER_CACHE_SECONDS;
        const over = (kid: string | undefined) => kid !== undefined && published.retired[kid] + kept < now;
        const retired = Object.entries(published.retired).filter(([kid]) => !over(kid));
        return {
          keys: withKey(
            published.keys.filter((key) => !over(key.kid)),
            publicKey,
          ),
          retired: Object.fromEntries(retired),
        };
      });
      await ports.put(signing, 'AWSPENDING', versionId);
      return;
    }
    case 'setSecret':
      // Those that verify look for an unknown key again after some seconds: until then the new one must not sign.
      return ports.pause(PUBLISHED_MS);
    case 'testSecret': {
      // When a schedule is made, Secrets Manager asks for this step alone: then the current key is what to test.
      const pending = (await ports.signingKey('AWSPENDING', versionId)) ?? (await ports.signingKey('AWSCURRENT'));
      if (!pending) {
        throw new Error('The secret holds no key');
      }
      const claims = { userId: '00000000-0000-7000-8000-000000000000', generation: 0 };
      verify(sign(claims, pending, 60), await ports.published());
      return;
    }
    case 'finishSecret': {
      const next = await ports.signingKey('AWSPENDING', versionId);
      await ports.promote(versionId);
      if (next) {
        await ports.publish((published) => ({
          ...published,
          retired: {
            ...Object.fromEntries(
              published.keys.flatMap((key) => (key.kid === undefined || key.kid === next.kid ? [] : [[key.kid, now]])),
            ),
            // What was retired before stays retired since then.
            ...published.retired,
          },
        }));
      }
      return;
    }
    default:
      throw new Error(`Unknown step of a rotation: ${step}`);
  }
}
