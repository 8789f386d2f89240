import { MethodSetting, StageSettings } from './stage-settings';

const ALL: MethodSetting = { path: '*', httpMethod: '*' };
const settings = (...list: MethodSetting[]): StageSettings => new StageSettings(list, true, () => 0);
const ttlOf = (made: StageSettings, path: string, method: string): number | undefined =>
  made.cache(path, method)?.ttlMs;

test('a stage without a cache caches nothing, whatever its settings say', () => {
  const made = new StageSettings([{ ...ALL, cachingEnabled: true }], false, () => 0);
  expect(made.cache('/a', 'GET')).toBeUndefined();
});

test('a stage with a cache of which no more is said caches GET for five minutes, and anybody may throw out an answer', () => {
  for (const made of [settings(), settings(ALL)]) {
    expect(made.cache('/a', 'GET')).toMatchObject({ ttlMs: 300_000, requireAuthorization: false });
    expect(made.cache('/a', 'POST')).toBeUndefined();
  }
});

test('the nearest settings say all of it, and take over nothing of those of the stage', () => {
  const made = settings(
    { ...ALL, cachingEnabled: false, requireAuthorization: true },
    { path: '/a', httpMethod: 'GET', cachingEnabled: true, cacheTtlSeconds: 30 },
    { path: '/b', httpMethod: 'GET', throttle: { rate: 1, burst: 1 } },
    { path: '/c', httpMethod: 'GET', cachingEnabled: true, cacheTtlSeconds: 0 },
  );
  expect(made.cache('/a', 'GET')).toMatchObject({ ttlMs: 30_000, requireAuthorization: false });
  expect(ttlOf(made, '/b', 'GET')).toBe(300_000);
  expect(ttlOf(made, '/c', 'GET')).toBeUndefined();
  expect(ttlOf(made, '/d', 'GET')).toBeUndefined();
});

test('a method is throttled by its own settings, else by those of its path, else of the stage', () => {
  const bound = (burst: number): Pick<MethodSetting, 'throttle'> => ({ throttle: { rate: 0.001, burst } });
  const made = settings(
    { ...ALL, ...bound(3) },
    { path: '/a', httpMethod: '*', ...bound(2) },
    { path: '/a', httpMethod: 'GET', ...bound(1) },
  );
  const taken = (path: string, method: string): number =>
    [1, 2, 3, 4].filter(() => made.bucket(path, method)?.take() === true).length;
  expect([taken('/a', 'GET'), taken('/a', 'PUT'), taken('/b', 'GET')]).toEqual([1, 2, 3]);
});

test('a patch is of the settings that it names, with their throttle, or makes them', () => {
  const made = settings(
    { ...ALL, cachingEnabled: false },
    { path: '/v1/a', httpMethod: 'GET', cachingEnabled: true, throttle: { rate: 0.001, burst: 1 } },
  );
  made.replace('/*/*/caching/requireAuthorizationForCacheControl', 'true');
  expect(made.cache('/v1/a', 'GET')).toMatchObject({ requireAuthorization: false });
  made.replace('/~1v1~1a/GET/caching/requireAuthorizationForCacheControl', 'true');
  made.replace('/~1v1~1a/GET/caching/unauthorizedCacheControlHeaderStrategy', 'FAIL_WITH_403');
  expect(made.cache('/v1/a', 'GET')).toMatchObject({ requireAuthorization: true, strategy: 'FAIL_WITH_403' });
  expect([made.bucket('/v1/a', 'GET')?.take(), made.bucket('/v1/a', 'GET')?.take()]).toEqual([true, false]);
  // Settings that only a patch has made have of the cache what a stage has that says nothing.
  made.replace('/~1b/GET/caching/requireAuthorizationForCacheControl', 'true');
  expect(made.cache('/b', 'GET')).toMatchObject({ ttlMs: 300_000, requireAuthorization: true });
});
