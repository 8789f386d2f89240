import type { RunningApp } from '../../local/running-app';
import type { AwsCall } from '../../local/types';

/** What a request costs, counted by the runner. */
export interface Cost {
  readonly calls: number;
  readonly depth: number;
  readonly rcu: number;
  readonly wcu: number;
}

/**
 * Each call of a request that is counted takes at least this long, as over a network, in ms: calls made side by side
 * overlap, and only those that wait for one another follow each other. Longer than a busy machine takes from one call to
 * the next beside it.
 */
const CALL_LATENCY = 100;

let isCounting = false;

/** What an app whose costs are counted is started with: nothing waits but what is counted. */
export const callLatencyMs = (): number => (isCounting ? CALL_LATENCY : 0);

/** A call depends on those that had ended when it began. */
function depthOf(calls: readonly AwsCall[]): number {
  const sorted = [...calls].sort((a, b) => a.start - b.start);
  const depths: number[] = [];
  sorted.forEach((call, index) => {
    const before = sorted.slice(0, index).flatMap((other, at) => (other.end <= call.start ? [depths[at]] : []));
    depths.push(1 + Math.max(0, ...before));
  });
  return Math.max(0, ...depths);
}

const sum = (units: AwsCall['readUnits']) => Object.values(units ?? {}).reduce((total, value) => total + value, 0);

/** What these calls cost together. */
export function sumUp(calls: readonly AwsCall[]): Cost {
  const total = (pick: (call: AwsCall) => number) => calls.reduce((all, call) => all + pick(call), 0);
  return {
    calls: calls.length,
    depth: depthOf(calls),
    rcu: total((call) => sum(call.readUnits)),
    wcu: total((call) => sum(call.writeUnits)),
  };
}

/** A running API, whose calls the local runner counts. */
interface Counted {
  readonly running: { readonly app?: RunningApp };
  settled(): Promise<void>;
}

/** The AWS calls of one request, made by the function that answered it. */
export async function costOf(world: Counted, action: () => Promise<unknown>): Promise<Cost> {
  await world.settled();
  const app = world.running.app;
  if (!app) {
    throw new Error('Costs are counted by the local runner: REALWORLD_URL must not be set');
  }
  const before = app.requests().length;
  isCounting = true;
  await action().finally(() => (isCounting = false));
  const requests = app.requests();
  // The ring keeps the last thousand: this test makes fewer.
  expect(requests.length).toBe(before + 1);
  return sumUp(requests[requests.length - 1].calls);
}

/** All AWS calls of an action and of what follows from it, until nothing is under way. */
export async function callsOf(app: RunningApp, action: () => Promise<unknown>): Promise<readonly AwsCall[]> {
  await app.idle();
  app.clearCalls();
  isCounting = true;
  try {
    await action();
    await app.idle();
  } finally {
    isCounting = false;
  }
  return app.calls();
}
