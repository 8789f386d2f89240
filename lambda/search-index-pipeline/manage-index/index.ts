import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { IndexRepository } from './repository';
import { ensureIndex, NeedsReindex, OtherIngestion } from './use-case';
import { respond, whileRefused } from '../../core/custom-resource';
import { logError } from '../../core/logger';
import { searchClient, statusOf } from '../client';

const TEXTS = z.array(z.string());
const ROLE_MAPPINGS = z.array(
  z.object({
    role: z.string(),
    backendRoles: TEXTS,
    clusterPermissions: TEXTS,
    indexPermissions: z.array(z.record(z.string(), z.unknown())),
  }),
);
const PROPERTIES = z.object({
  Alias: z.string(),
  IndexName: z.string(),
  Body: z.string(),
  RoleMappings: z.optional(z.string()),
});
const BODY = z.object({
  settings: z.optional(z.record(z.string(), z.unknown())),
  mappings: z.optional(z.record(z.string(), z.unknown())),
});

/** What is kept of the function's time, in ms, for a last call and for the answer to CloudFormation. */
const RESERVED_MS = 45_000;

/** What the rules refuse, which does not pass, and may be told. */
const isRefusal = (error: unknown): error is Error => error instanceof NeedsReindex || error instanceof OtherIngestion;

/**
 * Rights of IAM and of the domain, its name in DNS and the domain itself are not there at once for every server. Other
 * refusals stay.
 */
function passes(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined ? !isRefusal(error) : [401, 403, 429].includes(status) || status >= 500;
}

async function ensure(event: CloudFormationCustomResourceEvent, timeLeft: () => number): Promise<string> {
  const {
    Alias: alias,
    IndexName: first,
    Body: body,
    RoleMappings: roles,
  } = PROPERTIES.parse(event.ResourceProperties);
  const ports = new IndexRepository(searchClient());
  const mappings = roles === undefined ? [] : ROLE_MAPPINGS.parse(JSON.parse(roles));
  const patience = { passes, timeLeft, pause: (ms: number) => sleep(ms) };
  for (const mapping of mappings) {
    await whileRefused(() => ports.putRole(mapping), patience);
  }
  const wanted = BODY.parse(JSON.parse(body));
  return whileRefused(() => ensureIndex(ports, alias, first, wanted), patience);
}

/** For whoever deploys: what is to be done, or the kind of error, and nothing that an answer holds. */
function reasonOf(error: unknown): string {
  if (isRefusal(error)) {
    return error.message;
  }
  const status = statusOf(error);
  return `${error instanceof Error ? error.name : 'unknown error'}${status === undefined ? '' : ` (status ${status})`}`;
}

/** Makes an index, its alias and who may use it at deployment. When the stack is deleted, the index stays. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const physicalResourceId =
    'PhysicalResourceId' in event ? event.PhysicalResourceId : `search-index-${String(event.ResourceProperties.Alias)}`;
  if (event.RequestType === 'Delete') {
    return respond(event, { status: 'SUCCESS', physicalResourceId });
  }
  let index: string;
  try {
    index = await ensure(event, () => context.getRemainingTimeInMillis() - RESERVED_MS);
  } catch (error) {
    await logError('index was not made', error, { status: statusOf(error) });
    return respond(event, {
      status: 'FAILED',
      physicalResourceId,
      reason: `The index was not made: ${reasonOf(error)}`,
    });
  }
  return respond(event, { status: 'SUCCESS', physicalResourceId, data: { IndexName: index } });
}
