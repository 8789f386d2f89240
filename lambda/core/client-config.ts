import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { requireEnv } from './env';

/**
 * Credentials as Lambda gives them. The SDK's default chain (files, SSO, instance metadata) is a third of its load
 * time, and a function never uses the rest of it.
 */
export async function lambdaCredentials() {
  return {
    accessKeyId: requireEnv('AWS_ACCESS_KEY_ID'),
    secretAccessKey: requireEnv('AWS_SECRET_ACCESS_KEY'),
    sessionToken: process.env.AWS_SESSION_TOKEN,
  };
}

/**
 * Warnings of the SDK. A logger that has `info`, `debug` or `error`, even one that prints nothing as the SDK's own,
 * is handed a filtered copy of every input and output, and making those costs a tenth of a busy function's time. The
 * SDK's type asks for all of them, its code for none but `warn`.
 */
const warnings = { warn: (...content: unknown[]) => console.warn(...content) } as unknown as NonNullable<
  DynamoDBClientConfig['logger']
>;

/**
 * Bounds of one attempt in ms, of which all three end within the time of any function. `requestTimeout` alone is only
 * warned of, and ends with the head of an answer: `socketTimeout` is for a body that stops.
 *
 * @see https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/http/httpHandlerInitialization.ts
 */
const TIMEOUTS = { connectionTimeout: 1000, requestTimeout: 2000, throwOnRequestTimeout: true, socketTimeout: 2000 };

/** What every client shares: bounded attempts and time-outs, well below the functions' own. */
export function clientConfig() {
  return {
    region: requireEnv('AWS_REGION'),
    endpoint: process.env.AWS_ENDPOINT_URL,
    credentials: lambdaCredentials,
    logger: warnings,
    maxAttempts: 3,
    retryMode: 'standard',
    requestHandler: TIMEOUTS,
    // As the SDK reads them itself, which takes a chain of lookups for each: with the first call, and at no use to others.
    useFipsEndpoint: process.env.AWS_USE_FIPS_ENDPOINT === 'true',
    useDualstackEndpoint: process.env.AWS_USE_DUALSTACK_ENDPOINT === 'true',
    userAgentAppId: async () => process.env.AWS_SDK_UA_APP_ID,
    // Services that functions call have one scheme, Signature Version 4: there is nothing to prefer.
    authSchemePreference: [],
  };
}
