import { setTimeout as sleep } from 'node:timers/promises';
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { deployIndex } from './deploy';
import { IndexRepository } from './repository';
import { ensureIndex, NeedsReindex, OtherIngestion } from './use-case';
import { respond, whileRefused } from '../../core/custom-resource';
import { logError } from '../../core/logger';
import { searchClient, statusOf } from '../client';
import { InvalidIndex } from '../index-body';
import { jobPorts } from '../jobs/shared-ports';
import { DOCUMENT_SOURCE } from '../source';

const TEXTS = z.array(z.string());
const PERMISSIONS = z.array(z.record(z.string(), z.unknown()));
const ROLE_MAPPINGS = z.array(
  z.object({
    role: z.string(),
    backendRoles: TEXTS,
    clusterPermissions: TEXTS,
    indexPermissions: PERMISSIONS,
    tenantPermissions: z.optional(PERMISSIONS),
  }),
);
const ROLES = z.object({ RoleMappings: z.optional(z.string()) });
const INDEX = z.object({
  Alias: z.string(),
  IndexName: z.string(),
  Body: z.string(),
  /** What documents are made of, as JSON, where a function writes them. */
  Source: z.optional(z.string()),
  /** Whether what was in the table before is loaded. */
  Backfill: z.optional(z.enum(['true', 'false'])),
});
const BODY = z.object({
  settings: z.optional(z.record(z.string(), z.unknown())),
  mappings: z.optional(z.record(z.string(), z.unknown())),
});

/** Roles alone, for those of another stack than the index; they go with that stack. */
const ROLES_ALONE = 'Custom::SearchRoleMappings';

/** What is kept of the function's time, in ms, for a last call and for the answer to CloudFormation. */
const RESERVED_MS = 45_000;

/** What the rules refuse, which does not pass, and may be told. */
const isRefusal = (error: unknown): error is Error =>
  error instanceof NeedsReindex || error instanceof OtherIngestion || error instanceof InvalidIndex;

/**
 * Rights of IAM and of the domain, its name in DNS and the domain itself are not there at once for every server. Other
 * refusals stay.
 */
function passes(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined ? !isRefusal(error) : [401, 403, 429].includes(status) || status >= 500;
}

/** The roles among a resource's properties. */
const rolesOf = (properties: unknown) => {
  const { RoleMappings: roles } = ROLES.parse(properties ?? {});
  return roles === undefined ? [] : ROLE_MAPPINGS.parse(JSON.parse(roles));
};

/** Whoever had a role that is not removed is no longer allowed by IAM: nothing waits for it. */
async function removeRoles(ports: IndexRepository, roles: readonly string[]): Promise<void> {
  for (const role of roles) {
    try {
      await ports.removeRole(role);
    } catch (error) {
      await logError('role was not removed', error, { role, status: statusOf(error) });
    }
  }
}

/** @returns what others may ask the resource for */
async function ensure(
  event: CloudFormationCustomResourceEvent,
  timeLeft: () => number,
): Promise<Record<string, string>> {
  const ports = new IndexRepository(searchClient());
  const patience = { passes, timeLeft, pause: (ms: number) => sleep(ms) };
  const mappings = rolesOf(event.ResourceProperties);
  for (const mapping of mappings) {
    await whileRefused(() => ports.putRole(mapping), patience);
  }
  if (event.RequestType === 'Update') {
    const before = rolesOf(event.OldResourceProperties);
    await removeRoles(
      ports,
      before.map(({ role }) => role).filter((role) => !mappings.some((mapping) => mapping.role === role)),
    );
  }
  if (event.ResourceType === ROLES_ALONE) {
    return {};
  }
  const {
    Alias: alias,
    IndexName: first,
    Body: body,
    Source: source,
    Backfill,
  } = INDEX.parse(event.ResourceProperties);
  const wanted = BODY.parse(JSON.parse(body));
  if (source === undefined) {
    return { IndexName: await whileRefused(() => ensureIndex(ports, alias, first, wanted), patience) };
  }
  const blueprint = { body: wanted, source: DOCUMENT_SOURCE.parse(JSON.parse(source)) };
  const deploy = () => deployIndex(jobPorts(), { alias, first, blueprint, backfill: Backfill === 'true' });
  return { IndexName: await whileRefused(deploy, patience) };
}

/** For whoever deploys: what is to be done, or the kind of error, and nothing that an answer holds. */
function reasonOf(error: unknown): string {
  if (isRefusal(error)) {
    return error.message;
  }
  const status = statusOf(error);
  return `${error instanceof Error ? error.name : 'unknown error'}${status === undefined ? '' : ` (status ${status})`}`;
}

const nameOf = (event: CloudFormationCustomResourceEvent) =>
  event.ResourceType === ROLES_ALONE
    ? `search-roles-${rolesOf(event.ResourceProperties)
        .map(({ role }) => role)
        .join('-')}`
    : `search-index-${String(event.ResourceProperties.Alias)}`;

/** Makes an index, its alias and who may use it at deployment. When the stack is deleted, the index stays. */
export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  const physicalResourceId = 'PhysicalResourceId' in event ? event.PhysicalResourceId : nameOf(event);
  if (event.RequestType === 'Delete') {
    if (event.ResourceType === ROLES_ALONE) {
      const roles = rolesOf(event.ResourceProperties).map(({ role }) => role);
      await removeRoles(new IndexRepository(searchClient()), roles);
    }
    return respond(event, { status: 'SUCCESS', physicalResourceId });
  }
  let data: Record<string, string>;
  try {
    data = await ensure(event, () => context.getRemainingTimeInMillis() - RESERVED_MS);
  } catch (error) {
    await logError('index was not made', error, { status: statusOf(error) });
    return respond(event, {
      status: 'FAILED',
      physicalResourceId,
      reason: `The index was not made: ${reasonOf(error)}`,
    });
  }
  return respond(event, { status: 'SUCCESS', physicalResourceId, data });
}
