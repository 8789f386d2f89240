import { catchUp, type CaughtUp } from './catch-up';
import type { Domain } from './domain';
import { inLanes } from './lanes';
import type { ViewChange } from './ports';
import { changesOf, LANES, type ProjectPorts } from './project-events';
import { type NamedView, viewsOf } from './views';

/** What an operator wants of the projector. */
export interface BringUp {
  /** Of aggregates. */
  readonly ids: readonly string[];
  /** The view; of one that the domain has no more there is nothing to do. @default - all of the domain */
  readonly view?: string;
}

/** Why an aggregate is not brought up: by places in the domain's code and kinds of errors, never by what events hold. */
export interface LeftBehind {
  readonly id: string;
  readonly reason: string;
}

/**
 * Brings aggregates up to all events that there are, and tells whoever watches of what has changed.
 *
 * @returns those that are not, by the first view that lacks events
 */
export async function bringUp(
  ports: Omit<ProjectPorts, 'parking'>,
  domain: Domain,
  { ids, view: only }: BringUp,
): Promise<readonly LeftBehind[]> {
  const views = viewsOf(domain).filter(({ name }) => only === undefined || name === only);
  const left: LeftBehind[] = [];
  const published: ViewChange[] = [];
  await inLanes(new Set(ids), LANES, async (id) => {
    const reasons: string[] = [];
    for (const view of views) {
      try {
        const caughtUp = await ofView(ports, view, id);
        published.push(...ports.publishedAs(view.name).flatMap((name) => changesOf(name, caughtUp, [])));
        if (caughtUp.stuck) {
          reasons.push(`${view.name} of ${id} at version ${caughtUp.stuck.version}: ${caughtUp.stuck.reason}`);
        }
      } catch (error) {
        // One of which something could not be read or written holds up no other.
        await ports.noteFailure('aggregate is not brought up', error, { view: view.name, id });
        reasons.push(`${view.name} of ${id}: ${error instanceof Error ? error.name : typeof error}`);
      }
    }
    const [reason] = reasons;
    if (reason !== undefined) {
      left.push({ id, reason });
    }
  });
  // After the views, so that whoever is told reads what was told.
  await ports.publisher.publish(published);
  return left;
}

async function ofView(ports: Omit<ProjectPorts, 'parking'>, view: NamedView, id: string): Promise<CaughtUp> {
  const [row] = await ports.views.rows([{ view: view.name, id }]);
  return catchUp(ports, { view, id, row });
}
