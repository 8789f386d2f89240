import { setTimeout as sleep } from 'node:timers/promises';
import { APIGatewayClient, UpdateStageCommand } from '@aws-sdk/client-api-gateway';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { clientConfig } from '../../core/client-config';
import { respond, whileRefused } from '../../core/custom-resource';
import { logError } from '../../core/logger';

const PROPERTIES = z.object({
  RestApiId: z.string(),
  StageName: z.string(),
  /** As in paths of patches: `*` + `/*` for all methods, `~1v1~1me/GET` for one. */
  MethodKeys: z.array(z.string()),
});

/** What is kept of the function's time, in ms, for a last call and for the answer to CloudFormation. */
const RESERVED_MS = 20_000;

/**
 * Rights that are new are not there at once for every server, changes of stages are few a second, and one that is under
 * way refuses another.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateStage.html#API_UpdateStage_Errors
 */
const PASSING = new Set([
  'AccessDeniedException',
  'ConflictException',
  'LimitExceededException',
  'TooManyRequestsException',
]);

/** The settings of each method, by the last part of their path. */
const SETTINGS = {
  requireAuthorizationForCacheControl: 'true',
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

let client: APIGatewayClient | undefined;

/**
 * Who throws an entry out of the cache must be allowed to, for each method that has settings. Others' `Cache-Control` is
 * passed over, and a header says so: browsers send it with a reload, which must not fail for it.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/api/API_MethodSetting.html
 */
async function protect(properties: unknown, timeLeft: () => number): Promise<void> {
  const { RestApiId: restApiId, StageName: stageName, MethodKeys: keys } = PROPERTIES.parse(properties);
  const patchOperations = keys.flatMap((key) =>
    Object.entries(SETTINGS).map(([name, value]) => ({
      op: 'replace' as const,
      path: `/${key}/caching/${name}`,
      value,
    })),
  );
  client ??= new APIGatewayClient(clientConfig());
  const gateway = client;
  await whileRefused(() => gateway.send(new UpdateStageCommand({ restApiId, stageName, patchOperations })), {
    passes: (error) => error instanceof Error && PASSING.has(error.name),
    timeLeft,
    pause: (ms) => sleep(ms),
  });
}

/** Protects the cache of an API's stage at deployment. The settings go with the stage. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const { RestApiId: api, StageName: stage } = event.ResourceProperties as Record<string, unknown>;
  // Of another stage it is another resource: the settings of that one are not there yet.
  const physicalResourceId = `cache-protection-${String(api)}-${String(stage)}`;
  try {
    if (event.RequestType !== 'Delete') {
      await protect(event.ResourceProperties, () => context.getRemainingTimeInMillis() - RESERVED_MS);
    }
  } catch (error) {
    await logError('cache was not protected', error);
    // CloudFormation shows the reason to whoever deploys: the kind of error, never its data.
    const reason = `The cache was not protected: ${error instanceof Error ? error.name : 'unknown error'}`;
    return respond(event, { status: 'FAILED', physicalResourceId, reason });
  }
  return respond(event, { status: 'SUCCESS', physicalResourceId });
}
