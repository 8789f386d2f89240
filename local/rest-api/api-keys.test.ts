import { ApiKeys, UsagePlan } from './api-keys';

const VALUE = 'key-of-twenty-characters';
let time: number;

/** The use of one key of a plan, at the stage of an API: why it is refused, if it is. */
function usage(plan: Partial<UsagePlan>): () => string | undefined {
  const keys = new ApiKeys(() => time);
  keys.addKey({ id: 'key', value: VALUE, enabled: true });
  keys.addPlan('plan', { stages: [{ apiId: 'api', stage: 'prod' }], ...plan });
  keys.join('key', 'plan');
  return () => keys.use(VALUE, 'api', 'prod')?.refusal?.type;
}

test.each<[NonNullable<UsagePlan['quota']>['period'], string, string, string]>([
  ['DAY', '2026-02-03T10:00Z', '2026-02-03T23:59:59.999Z', '2026-02-04T00:00Z'],
  // A Saturday and the Sunday after it.
  ['WEEK', '2026-02-02T10:00Z', '2026-02-07T23:59:59.999Z', '2026-02-08T00:00Z'],
  ['MONTH', '2026-02-03T10:00Z', '2026-02-28T23:59:59.999Z', '2026-03-01T00:00Z'],
])('a quota for a %s that is used up at %s lasts until %s, and begins anew at %s', (period, begin, last, next) => {
  time = Date.parse(begin);
  const use = usage({ quota: { limit: 2, period } });
  expect([use(), use(), use()]).toEqual([undefined, undefined, 'QUOTA_EXCEEDED']);
  time = Date.parse(last);
  expect(use()).toBe('QUOTA_EXCEEDED');
  time = Date.parse(next);
  expect([use(), use(), use()]).toEqual([undefined, undefined, 'QUOTA_EXCEEDED']);
});

test('what is throttled counts, and a quota that is used up is told before that', () => {
  time = 0;
  const use = usage({ quota: { limit: 2, period: 'DAY' }, throttle: { rate: 1, burst: 1 } });
  expect([use(), use(), use()]).toEqual([undefined, 'THROTTLED', 'QUOTA_EXCEEDED']);
});

test('a key of another stage, and a value of no key, are none', () => {
  time = 0;
  const keys = new ApiKeys(() => time);
  keys.addKey({ id: 'key', value: VALUE, enabled: true });
  keys.addKey({ id: 'off', value: `${VALUE}-off`, enabled: false });
  keys.addPlan('plan', { stages: [{ apiId: 'api', stage: 'prod' }] });
  for (const id of ['key', 'off']) keys.join(id, 'plan');
  expect(keys.use(VALUE, 'api', 'prod')?.key.id).toBe('key');
  expect(keys.use(VALUE, 'api', 'test')).toBeUndefined();
  expect(keys.use(VALUE, 'other', 'prod')).toBeUndefined();
  expect(keys.use(`${VALUE}-off`, 'api', 'prod')).toBeUndefined();
  expect(keys.use(undefined, 'api', 'prod')).toBeUndefined();
});
