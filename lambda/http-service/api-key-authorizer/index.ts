import type { APIGatewayRequestSimpleAuthorizerHandlerV2WithContext } from 'aws-lambda';
import { nameOfKey } from './keys';
import { numberEnv, requireEnv } from '../../core/env';
import { SecretReader } from '../../core/secrets';

const header = requireEnv('API_KEYS_HEADER');
const secret = new SecretReader(requireEnv('API_KEYS_SECRET_ID'), { ttl: numberEnv('API_KEYS_CACHE_SECONDS') * 1000 });

/** A key that nobody has may be new: the secret is read again, as often as its reader allows. */
async function nameOf(key: string): Promise<string | undefined> {
  return nameOfKey(await secret.json(), key) ?? nameOfKey(await secret.json({ fresh: true }), key);
}

/** A Lambda authorizer of an HTTP API, simple responses: whose key is it? Told to functions as `keyName`. */
export const handler: APIGatewayRequestSimpleAuthorizerHandlerV2WithContext<{ keyName?: string }> = async (event) => {
  const key = event.headers?.[header];
  const keyName = key === undefined ? undefined : await nameOf(key);
  return { isAuthorized: keyName !== undefined, context: keyName === undefined ? {} : { keyName } };
};
