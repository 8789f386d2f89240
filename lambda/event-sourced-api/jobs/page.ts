import type { Job, Tally } from './job';
import type { Part, WorkPorts } from './ports';
import { MAX_PAUSE, type Pace } from '../../core/jobs/pace';
import { catchUp } from '../domain/catch-up';
import { showsInLists, verify } from '../domain/verify';
import type { NamedView } from '../domain/views';

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
  for (const { id, position } of page.found) {
    await ports.pause(Math.min(MAX_PAUSE, pace.waitMs));
    const outcome = job.kind === 'rebuild' ? await rebuild(ports, named, id) : await compare(ports, named, id);
    const more = spend(ports, pace);
    spent = { readUnits: spent.readUnits + more.readUnits, writeUnits: spent.writeUnits + more.writeUnits };
    sum.aggregates++;
    sum.written += outcome.written ?? 0;
    sum.behind += outcome.behind ?? 0;
    sum.wrong += outcome.wrong ?? 0;
    sum.stuck += outcome.stuck ?? 0;
    examples.push(...(outcome.examples ?? []));
    if (ports.timeIsShort() || pace.waitMs > MAX_PAUSE) {
      // An aggregate's first event is never removed: the scan goes on after it. What lies between is passed again.
      return { position, done: false, tally: { ...sum, examples, ...spent } };
    }
  }
  const tally = { scanned: page.scanned, ...sum, examples, ...spent };
  return { position: page.next, done: page.next === undefined, tally };
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
