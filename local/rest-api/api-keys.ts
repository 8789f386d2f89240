import { Refusal } from './gateway-responses';
import { ThrottleSettings, TokenBucket } from '../gateway/throttle';

/** A key that callers send as `x-api-key`. */
export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly enabled: boolean;
}

/** How many requests a key may make in a period. */
export interface Quota {
  readonly limit: number;
  readonly period: QuotaPeriod;
}

export type QuotaPeriod = 'DAY' | 'WEEK' | 'MONTH';

/** Which keys may call which stages, and how fast each. */
export interface UsagePlan {
  /** API id and stage. */
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[];
  readonly throttle?: ThrottleSettings;
  readonly quota?: Quota;
}

/** What a key has used of its plan. */
interface Usage {
  readonly bucket?: TokenBucket;
  /** Requests, and the beginning of the period in which they were. */
  count: number;
  period: number;
}

interface Plan extends UsagePlan {
  /** By key id. */
  readonly usage: Map<string, Usage>;
}

/** Too many requests in too short a time. */
export const THROTTLED: Refusal = { type: 'THROTTLED', message: 'Too Many Requests' };

const QUOTA_EXCEEDED: Refusal = { type: 'QUOTA_EXCEEDED', message: 'Limit Exceeded' };

/**
 * The beginning of the period that a time is in, by the calendar of UTC. Weeks begin on Sunday, as the API reference has
 * said of QuotaSettings: "with a time period of WEEK, an offset of 0 starts on Sunday".
 */
function beginOf(period: QuotaPeriod, time: number): number {
  const date = new Date(time);
  const day = { DAY: date.getUTCDate(), WEEK: date.getUTCDate() - date.getUTCDay(), MONTH: 1 }[period];
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day);
}

/** The keys and usage plans of an app. */
export class ApiKeys {
  private readonly keys = new Map<string, ApiKey>();
  private readonly plans = new Map<string, Plan>();

  /** @param now milliseconds since 1970 */
  public constructor(private readonly now: () => number) {}

  public addKey(key: ApiKey): void {
    this.keys.set(key.id, key);
  }

  public addPlan(id: string, plan: UsagePlan): void {
    this.plans.set(id, { ...plan, usage: new Map() });
  }

  /** @throws an Error when either is not part of the app */
  public join(keyId: string, planId: string): void {
    const plan = this.plans.get(planId);
    if (plan === undefined) throw new Error(`usage plan ${planId} is not part of this app`);
    if (!this.keys.has(keyId)) throw new Error(`API key ${keyId} is not part of this app`);
    const bucket = plan.throttle === undefined ? undefined : new TokenBucket(plan.throttle, this.now);
    plan.usage.set(keyId, { bucket, count: 0, period: 0 });
  }

  /** The key that a caller may call a stage with, if any, and why its plan does not let the call through now. */
  public use(
    value: string | undefined,
    apiId: string,
    stage: string,
  ): { readonly key: ApiKey; readonly refusal?: Refusal } | undefined {
    const key = [...this.keys.values()].find((candidate) => candidate.value === value && candidate.enabled);
    if (key === undefined) return undefined;
    const plan = [...this.plans.values()].find(
      ({ stages, usage }) => usage.has(key.id) && stages.some((one) => one.apiId === apiId && one.stage === stage),
    );
    const usage = plan?.usage.get(key.id);
    if (plan === undefined || usage === undefined) return undefined;
    return { key, refusal: this.refusalOf(plan, usage) };
  }

  /** A request that is throttled counts as well: whether it does is not documented. */
  private refusalOf({ quota }: Plan, usage: Usage): Refusal | undefined {
    const throttled = usage.bucket?.take() === false;
    if (quota !== undefined) {
      const period = beginOf(quota.period, this.now());
      usage.count = period === usage.period ? usage.count + 1 : 1;
      usage.period = period;
      if (usage.count > quota.limit) return QUOTA_EXCEEDED;
    }
    return throttled ? THROTTLED : undefined;
  }
}
