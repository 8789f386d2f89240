import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Claims, sign, type SigningKey } from './tokens';
import { clientConfig } from '../core/clients';
import { numberEnv, requireEnv } from '../core/env';

/** How long a key signs before it is read again, in ms: a rotated one is in use within this time. */
export const KEY_LIFE = 5 * 60_000;

let client: SecretsManagerClient | undefined;
let cached: { readonly key: Promise<SigningKey>; readonly readAt: number } | undefined;

async function readKey(): Promise<SigningKey> {
  client ??= new SecretsManagerClient(clientConfig());
  const answer = await client.send(
    new GetSecretValueCommand({ SecretId: requireEnv('SIGNING_KEY_SECRET_ARN'), VersionStage: 'AWSCURRENT' }),
  );
  return JSON.parse(answer.SecretString ?? '') as SigningKey;
}

/** Signs a token with the current private key. Only functions that sign in have the right to read it. */
export async function signToken(claims: Claims): Promise<string> {
  const now = Date.now();
  if (!cached || now - cached.readAt > KEY_LIFE) {
    cached = { key: readKey(), readAt: now };
  }
  try {
    return await sign(claims, await cached.key, numberEnv('TOKEN_LIFETIME_SECONDS', 30 * 24 * 3600));
  } catch (error) {
    cached = undefined;
    throw error;
  }
}
