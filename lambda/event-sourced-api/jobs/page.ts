import type { Job, Tally } from './job';
import type { Part, WorkPorts } from './ports';
import { MAX_PAUSE, type Pace } from '../../core/jobs/pace';
import { catchUp } from '../domain/catch-up';
import { showsInLists, verify } from '../domain/verify';
import type { NamedView } from '../domain/views';

/** Within so many ms, as a rule, events are in views: rows that are behind are looked at again after it. */
const STREAM_DELAY = 2000;

/** What was done of a page, and where the next one begins. */
export interface PageDone {
  readonly position?: string;
  readonly done: boolean;
  readonly tally: Partial<Tally>;
}

/** What became of one aggregate. */
type Outcome = Partial<Pick<Tally, 'written' | 'behind' | 'wrong' | 'stuck' | 'examples'>>;

/** Works on a page: on its aggregates one by one, within the rates, until time is short. */
export async function workOnPage(ports: WorkPorts, job: Job, part: Part, pace: Pace): Promise<PageDone> {
  if (job.kind === 'erase') {
    const { scanned, erased, next } = await ports.scans.eraseRows(job.view, part);
    return { position: next, done: next === undefined, tally: { scanned, erased, ...spend(ports, pace) } };
  }
  const view = ports.domain.views.get(job.view);
  if (!view) {
    throw new Error('the domain has this view no more');
  }
  const named: NamedView = { name: job.view, domain: ports.domain, view };
  const page = await ports.scans.aggregates(part);
  let spent = spend(ports, pace);
  const sum = { aggregates: 0, written: 0, behind: 0, wrong: 0, stuck: 0 };
  const examples: Tally['examples'][number][] = [];
  const lookAt = async (id: string, look: typeof compare): Promise<Outcome> => {
    await ports.pause(Math.min(MAX_PAUSE, pace.waitMs));
    const outcome = await look(ports, named, id);
    const more = spend(ports, pace);
    spent = { readUnits: spent.readUnits + more.readUnits, writeUnits: spent.writeUnits + more.writeUnits };
    return outcome;
  };
  const note = (outcome: Outcome) => {
    sum.written += outcome.written ?? 0;
    sum.behind += outcome.behind ?? 0;
    sum.wrong += outcome.wrong ?? 0;
    sum.stuck += outcome.stuck ?? 0;
    examples.push(...(outcome.examples ?? []));
  };
  const behind: string[] = [];
  let stoppedAt: string | undefined;
  for (const { id, position } of page.found) {
    const outcome = await lookAt(id, job.kind === 'rebuild' ? rebuild : compare);
    sum.aggregates++;
    if (outcome.behind) {
      behind.push(id);
    } else {
      note(outcome);
    }
    if (ports.timeIsShort() || pace.waitMs > MAX_PAUSE) {
      stoppedAt = position;
      break;
    }
  }
  if (behind.length > 0) {
    await ports.pause(STREAM_DELAY);
  }
  for (const id of behind) {
    note(await lookAt(id, compare));
  }
  const tally = { ...sum, examples, ...spent };
  return stoppedAt === undefined
    ? { position: page.next, done: page.next === undefined, tally: { scanned: page.scanned, ...tally } }
    : // An aggregate's first event is never removed: the scan goes on after it. What lies between is passed again.
      { position: stoppedAt, done: false, tally };
}

function spend(ports: WorkPorts, pace: Pace): Pick<Tally, 'readUnits' | 'writeUnits'> {
  const { read, write } = ports.spent();
  pace.spend('read', read);
  pace.spend('write', write);
  return { readUnits: read, writeUnits: write };
}

async function rebuild(ports: WorkPorts, view: NamedView, id: string): Promise<Outcome> {
  const [before] = await ports.views.rows([{ view: view.name, id }]);
  const { row, changed, stuck } = await catchUp(ports, { view, id, row: before, anew: true });
  const isListed = changed || row === undefined || (await showsInLists(ports.views, view.name, row));
  if (!isListed) {
    await catchUp(ports, { view, id, row, anew: true, always: true });
  }
  return {
    written: changed || !isListed ? 1 : 0,
    ...(stuck ? { stuck: 1, examples: [{ id, reason: stuck.reason }] } : {}),
  };
}

async function compare(ports: WorkPorts, view: NamedView, id: string): Promise<Outcome> {
  const verdict = await verify(ports, view, id);
  switch (verdict.outcome) {
    case 'equal':
      return {};
    case 'behind':
      return { behind: 1 };
    default:
      return { [verdict.outcome]: 1, examples: [{ id, reason: verdict.reason }] };
  }
}
