import type { CloudFormationCustomResourceEvent, Context, SecretsManagerRotationEvent } from 'aws-lambda';
import { KeyRepository } from './repository';
import { ensureKeyPair, retryWhileDenied, rotate } from './use-case';
import { respond } from '../../core/custom-resource';
import { numberEnv } from '../../core/env';
import { logError } from '../../core/logger';

type Event = CloudFormationCustomResourceEvent | SecretsManagerRotationEvent;

/** What is kept of the function's time, in ms, for a last call and for the answer to CloudFormation. */
const RESERVED_MS = 20_000;

async function onDeployment(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const secretArn = String(event.ResourceProperties.SecretArn);
  const physicalResourceId =
    'PhysicalResourceId' in event ? event.PhysicalResourceId : `jwt-key-pair-${event.RequestId}`;
  try {
    if (event.RequestType !== 'Delete') {
      const timeLeft = () => context.getRemainingTimeInMillis() - RESERVED_MS;
      await ensureKeyPair(retryWhileDenied(new KeyRepository(secretArn), timeLeft));
    }
  } catch (error) {
    await logError('key pair was not made', error);
    // CloudFormation shows the reason to whoever deploys: the kind of error, never its data.
    const reason = `The key pair was not made: ${error instanceof Error ? error.name : 'unknown error'}`;
    return respond(event, { status: 'FAILED', physicalResourceId, reason });
  }
  return respond(event, { status: 'SUCCESS', physicalResourceId });
}

/** Makes the key pair at deployment (custom resource) and rotates it (Secrets Manager). */
export async function handler(event: Event, context: Context): Promise<void> {
  if ('ResponseURL' in event) {
    return onDeployment(event, context);
  }
  const lifetime = numberEnv('TOKEN_LIFETIME_SECONDS', 30 * 24 * 3600);
  const repository = new KeyRepository(event.SecretId);
  return rotate(repository, event.Step, event.ClientRequestToken, lifetime, Math.floor(Date.now() / 1000));
}
