import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { KEY_LIFE, type NewClaims, sign, type SigningKey } from './tokens';
import { clientConfig } from '../core/client-config';
import { numberEnv, requireEnv } from '../core/env';

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
export async function signToken(claims: NewClaims): Promise<string> {
  const now = Date.now();
  if (!cached || now - cached.readAt > KEY_LIFE) {
    cached = { key: readKey(), readAt: now };
  }
  try {
    return sign(claims, await cached.key, numberEnv('TOKEN_LIFETIME_SECONDS', 30 * 24 * 3600));
  } catch (error) {
    cached = undefined;
    throw error;
  }
}
