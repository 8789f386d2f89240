import { OtherIngestion } from './use-case';
import { type Blueprint, bodyOf, type IndexBody, type Mappings, planOf } from '../index-body';
import { isRunning, type Job, occupies } from '../jobs/job';
import { begin, cancel, kick } from '../jobs/life';
import type { JobIndexes, JobPorts } from '../jobs/ports';
import { canonical } from '../json';
import { kindOf, metaOf, openTo, readBy } from '../names';

/** What a deployment needs of the world, where a function writes the index. */
export interface DeploymentPorts extends JobPorts {
  readonly indexes: JobIndexes & {
    writtenBy(alias: string): Promise<string | undefined>;
    targets(alias: string): Promise<readonly { readonly index: string }[]>;
    putSettings(index: string, settings: Readonly<Record<string, unknown>>): Promise<void>;
    putMappings(index: string, mappings: Mappings): Promise<void>;
  };
}

/** What a deployment asks for. */
export interface WantedIndex {
  readonly alias: string;
  /** Name of the first index of this alias and ingestion; a later one may be there. */
  readonly first: string;
  readonly blueprint: Required<Blueprint>;
  /** Whether what was in the table before is to be loaded. */
  readonly backfill: boolean;
}

/**
 * Makes the index, or brings what is there to what is wanted. Where that takes another index, or the index lacks what
 * was in the table before, a job begins, and readers have what they had until it ends. A job that is under way to
 * something else is cancelled: so the deployment that rolls this one back leaves what was there. Done twice it is done
 * once.
 *
 * @returns the name of the index that readers have
 * @throws OtherIngestion where the alias leads to an index of another ingestion
 * @throws InvalidIndex where OpenSearch makes no index of the body
 * @throws Refused for a moment, while a job turns readers over
 */
export async function deployIndex(ports: DeploymentPorts, wanted: WantedIndex): Promise<string> {
  const { indexes, jobs } = ports;
  const { alias, first, blueprint } = wanted;
  const read = await indexes.writtenBy(alias);
  if (read !== undefined && kindOf(read) !== kindOf(first)) {
    throw new OtherIngestion(alias, read, first);
  }
  const index = read ?? first;
  const there = await indexes.read(index);
  const job = await jobs.current();
  if (!there) {
    // Of a domain that was replaced, jobs and indexes may be known that are not there any more.
    if (job && occupies(job)) {
      await cancel(ports, job);
    }
    await jobs.forgetIndex(index);
    await indexes.create(index, bodyOf(blueprint), { ...openTo(alias, index), ...readBy(alias) });
    await jobs.putWanted(blueprint);
    return fill(ports, wanted, index);
  }
  await adopt(ports, wanted, index, there, read === undefined);
  await jobs.putWanted(blueprint);
  if (job && occupies(job) && job.kind === 'reindex' && isFor(job, blueprint)) {
    await onTheWay(ports, job);
    return index;
  }
  const { needsReindex } = planOf(there, blueprint);
  if (job && occupies(job) && (needsReindex !== undefined || job.kind === 'reindex')) {
    await cancel(ports, job);
  }
  if (needsReindex !== undefined) {
    return replace(ports, wanted, index);
  }
  await adapt(ports, index, there, blueprint);
  return fill(ports, wanted, index);
}

const isFor = ({ body, source }: Job, wanted: Blueprint) =>
  canonical({ body, source }) === canonical({ body: wanted.body, source: wanted.source });

/** A job that a deployment has begun and, maybe, not sent on its way. */
async function onTheWay(ports: DeploymentPorts, job: Job): Promise<void> {
  if (isRunning(job) && job.turn === 0) {
    await kick(ports, job);
  }
}

/** An index of a deployment that ended early, or that was kept when its stack was deleted. */
async function adopt(
  { indexes }: DeploymentPorts,
  { alias, blueprint }: WantedIndex,
  index: string,
  there: Required<IndexBody>,
  isUnread: boolean,
): Promise<void> {
  if (planOf(there, blueprint).saysNoSource) {
    await indexes.putMappings(index, { _meta: metaOf(blueprint.source, there.mappings._meta) });
  }
  await indexes.putAliases(index, { ...openTo(alias, index), ...(isUnread ? readBy(alias) : {}) });
}

async function adapt(
  { indexes }: DeploymentPorts,
  index: string,
  there: Required<IndexBody>,
  blueprint: Blueprint,
): Promise<void> {
  const { settings } = planOf(there, blueprint);
  if (Object.keys(settings).length > 0) {
    await indexes.putSettings(index, settings);
  }
}

/** Loads what was in the table before the index took writes. */
async function fill(
  ports: DeploymentPorts,
  { alias, blueprint, backfill }: WantedIndex,
  index: string,
): Promise<string> {
  const { jobs } = ports;
  if (backfill && !(await jobs.isComplete(index))) {
    const job = await jobs.current();
    if (job && occupies(job)) {
      await onTheWay(ports, job);
    } else {
      await begin(ports, { kind: 'backfill', alias, index, blueprint });
    }
  }
  return index;
}

/** Turns readers to an index of before that is as wanted and still takes writes, or makes a new one. */
async function replace(ports: DeploymentPorts, { alias, blueprint }: WantedIndex, index: string): Promise<string> {
  const { indexes, jobs } = ports;
  for (const { index: other } of await indexes.targets(alias)) {
    const there = other === index || !(await jobs.isComplete(other)) ? undefined : await indexes.read(other);
    if (there && planOf(there, blueprint).needsReindex === undefined) {
      await indexes.lead(alias, other);
      return other;
    }
  }
  await begin(ports, { kind: 'reindex', alias, index, blueprint });
  return index;
}
