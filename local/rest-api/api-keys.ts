import { ThrottleSettings, TokenBucket } from '../gateway/throttle';

/** A key that callers send as `x-api-key`. */
export interface ApiKey {
  readonly id: string;
  readonly value: string;
  readonly enabled: boolean;
}

/** Which keys may call which stages, and how fast each. */
export interface UsagePlan {
  /** API id and stage. */
  readonly stages: readonly { readonly apiId: string; readonly stage: string }[];
  readonly throttle?: ThrottleSettings;
}

interface Plan extends UsagePlan {
  /** By key id. */
  readonly buckets: Map<string, TokenBucket | undefined>;
}

/** The keys and usage plans of an app. */
export class ApiKeys {
  private readonly keys = new Map<string, ApiKey>();
  private readonly plans = new Map<string, Plan>();

  public addKey(key: ApiKey): void {
    this.keys.set(key.id, key);
  }

  public addPlan(id: string, plan: UsagePlan): void {
    this.plans.set(id, { ...plan, buckets: new Map() });
  }

  /** @throws an Error when either is not part of the app */
  public join(keyId: string, planId: string): void {
    const plan = this.plans.get(planId);
    if (plan === undefined) throw new Error(`usage plan ${planId} is not part of this app`);
    if (!this.keys.has(keyId)) throw new Error(`API key ${keyId} is not part of this app`);
    plan.buckets.set(keyId, plan.throttle === undefined ? undefined : new TokenBucket(plan.throttle));
  }

  /** The key that a caller may call a stage with, if any, and whether its plan lets the call through now. */
  public use(
    value: string | undefined,
    apiId: string,
    stage: string,
  ): { readonly key: ApiKey; readonly throttled: boolean } | undefined {
    const key = [...this.keys.values()].find((candidate) => candidate.value === value && candidate.enabled);
    if (key === undefined) return undefined;
    const plan = [...this.plans.values()].find(
      ({ stages, buckets }) => buckets.has(key.id) && stages.some((one) => one.apiId === apiId && one.stage === stage),
    );
    if (plan === undefined) return undefined;
    return { key, throttled: plan.buckets.get(key.id)?.take() === false };
  }
}
