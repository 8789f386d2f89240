import { ensureKeyPair, type KeyPorts, retryWhileDenied, PUBLISHED_MS, type PublishedKeys, rotate } from './use-case';
import { verified as verify } from '../../../test/support/keys';
import { InvalidToken, type KeySet, sign, type SigningKey } from '../tokens';

const HOUR = 3600;
const DAY = 24 * HOUR;
const LIFETIME = 30 * DAY;
const CLAIMS = { userId: '01900000-0001-7000-8000-000000000001', generation: 1 };

/** A secret with its versions, and what is published; each call is written down and may be made to fail. */
class InMemoryKeys implements KeyPorts {
  public current: SigningKey | undefined;
  public readonly pending = new Map<string, SigningKey>();
  public keys: PublishedKeys = { keys: [], retired: {} };
  public calls: string[] = [];
  public failing: string | undefined;
  /** The answer to the first write is lost, so the change is made once more. */
  public repeats = false;

  public async signingKey(stage: 'AWSCURRENT' | 'AWSPENDING', versionId = ''): Promise<SigningKey | undefined> {
    return stage === 'AWSCURRENT' ? this.current : this.pending.get(versionId);
  }

  public async put(key: SigningKey, stage: 'AWSCURRENT' | 'AWSPENDING', token = ''): Promise<void> {
    this.did(`put ${stage}`);
    if (stage === 'AWSCURRENT') this.current = key;
    else this.pending.set(token, key);
  }

  public async promote(versionId: string): Promise<void> {
    this.did('promote');
    this.current = this.pending.get(versionId) ?? this.current;
  }

  public async published(): Promise<PublishedKeys> {
    return this.keys;
  }

  public async publish(change: (published: PublishedKeys) => PublishedKeys): Promise<void> {
    this.did('publish');
    this.keys = change(this.keys);
    if (this.repeats) this.keys = change(this.keys);
  }

  public async pause(ms: number): Promise<void> {
    this.did(`pause ${ms}`);
  }

  public set(): KeySet {
    return { keys: [...this.keys.keys] };
  }

  public kids(): (string | undefined)[] {
    return this.keys.keys.map(({ kid }) => kid);
  }

  private did(call: string): void {
    this.calls.push(call);
    if (this.failing === call) {
      this.failing = undefined;
      throw new Error(`${call} failed`);
    }
  }
}

let store: InMemoryKeys;
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const step = (name: string, version: string, now: number) => rotate(store, name, version, LIFETIME, now);
async function rotation(version: string, now: number): Promise<void> {
  for (const name of STEPS) await step(name, version, now);
}
const key = (): SigningKey => store.current as SigningKey;

beforeEach(() => {
  store = new InMemoryKeys();
});

describe('rights that are not there yet', () => {
  const denied = Object.assign(new Error('not yet'), { name: 'AccessDeniedException' });
  /** A store whose calls are denied for a while, in ms; pauses are its clock. */
  const behind = (ms: number, error = denied) => {
    let clock = 0;
    const pauses: number[] = [];
    const late = new InMemoryKeys();
    const check = () => {
      if (clock < ms) throw error;
    };
    const ports: KeyPorts = {
      signingKey: async (...given) => (check(), late.signingKey(...given)),
      put: async (...given) => (check(), late.put(...given)),
      promote: async (...given) => (check(), late.promote(...given)),
      published: async () => (check(), late.published()),
      publish: async (...given) => (check(), late.publish(...given)),
      pause: async (pause) => {
        clock += pause;
        pauses.push(pause);
      },
    };
    return { late, pauses, ports: retryWhileDenied(ports, () => 100_000 - clock) };
  };

  test('are waited for, longer and longer, and one pair is made', async () => {
    const { late, pauses, ports } = behind(30_000);
    await ensureKeyPair(ports);
    expect(late.calls).toEqual(['publish', 'put AWSCURRENT']);
    expect(pauses).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  test('are not waited for beyond the time there is', async () => {
    const { pauses, ports } = behind(Infinity);
    await expect(ensureKeyPair(ports)).rejects.toBe(denied);
    const waited = pauses.reduce((sum, each) => sum + each, 0);
    expect(waited).toBeGreaterThan(85_000);
    expect(waited).toBeLessThanOrEqual(100_000);
  });

  test('are told from what time does not mend', async () => {
    const { pauses, ports } = behind(1, new Error('something else'));
    await expect(ensureKeyPair(ports)).rejects.toThrow('something else');
    expect(pauses).toEqual([]);
  });
});

describe('at deployment', () => {
  test('a pair is made: its public half is out before the private one signs', async () => {
    await ensureKeyPair(store);
    expect(store.calls).toEqual(['publish', 'put AWSCURRENT']);
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
  });

  test('the published half holds nothing private', async () => {
    await ensureKeyPair(store);
    expect(store.keys.keys).toEqual([
      {
        ...{ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: key().kid },
        x: expect.any(String) as string,
        y: expect.any(String) as string,
      },
    ]);
    expect(key().privateKey).toHaveProperty('d');
  });

  test('a pair that is there already stays, however often it is asked for', async () => {
    await ensureKeyPair(store);
    const before = { current: store.current, keys: store.keys };
    await ensureKeyPair(store);
    await ensureKeyPair(store);
    expect({ current: store.current, keys: store.keys }).toEqual(before);
    expect(store.calls).toHaveLength(2);
  });

  test('a key whose public half is not published is replaced: nothing it signs could be verified', async () => {
    await ensureKeyPair(store);
    store.keys = { keys: [], retired: {} };
    await ensureKeyPair(store);
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
  });

  test.each(['publish', 'put AWSCURRENT'])('a first try that fails at %s is made good by the second', async (call) => {
    store.failing = call;
    await expect(ensureKeyPair(store)).rejects.toThrow();
    await ensureKeyPair(store);
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
  });
});

describe('a rotation', () => {
  const start = 1_800_000_000;

  beforeEach(async () => {
    await ensureKeyPair(store);
    store.calls = [];
  });

  test('publishes the next key before it can sign, and takes it into use last', async () => {
    const first = key();
    await step('createSecret', 'v2', start);
    expect(store.calls).toEqual(['publish', 'put AWSPENDING']);
    expect(store.kids()).toEqual([first.kid, store.pending.get('v2')?.kid]);
    await step('setSecret', 'v2', start);
    await step('testSecret', 'v2', start);
    expect(key()).toBe(first);
    await step('finishSecret', 'v2', start);
    expect(key().kid).toBe(store.kids()[1]);
    expect(store.calls).toEqual(['publish', 'put AWSPENDING', `pause ${PUBLISHED_MS}`, 'promote', 'publish']);
  });

  test('publishes a key once, also where a lost answer makes the change happen twice', async () => {
    store.repeats = true;
    await rotation('v2', start);
    expect(store.kids()).toHaveLength(2);
    store = new InMemoryKeys();
    store.repeats = true;
    await ensureKeyPair(store);
    expect(store.kids()).toEqual([key().kid]);
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
  });

  test('leaves tokens of before good', async () => {
    const token = await sign(CLAIMS, key(), HOUR);
    await rotation('v2', start);
    await expect(verify(token, store.set())).resolves.toMatchObject(CLAIMS);
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
  });

  test('whose steps are each repeated is one rotation', async () => {
    for (const name of STEPS) {
      await step(name, 'v2', start);
      await step(name, 'v2', start + 10);
    }
    expect(store.kids()).toHaveLength(2);
    expect(store.keys.retired).toEqual({ [String(store.kids()[0])]: start });
  });

  test.each(['publish', 'put AWSPENDING', 'promote'])('that fails at %s is made good by the next try', async (call) => {
    const token = await sign(CLAIMS, key(), HOUR);
    store.failing = call;
    await expect(rotation('v2', start)).rejects.toThrow();
    await rotation('v2', start + 60);
    expect(key()).toBe(store.pending.get('v2'));
    await expect(verify(await sign(CLAIMS, key(), HOUR), store.set())).resolves.toMatchObject(CLAIMS);
    await expect(verify(token, store.set())).resolves.toMatchObject(CLAIMS);
  });

  test('keeps a replaced key for as long as a token of its can live, and no longer than to the next rotation', async () => {
    const first = key().kid;
    await rotation('v2', start);
    const second = key().kid;
    await rotation('v3', start + LIFETIME);
    expect(store.kids()).toEqual([first, second, key().kid]);
    await rotation('v4', start + LIFETIME + DAY);
    expect(store.kids()).toEqual([second, expect.any(String), key().kid]);
    expect(store.keys.retired).not.toHaveProperty(first);
  });

  test('counts in that signers go on with a replaced key for minutes', async () => {
    const first = key().kid;
    await rotation('v2', start);
    const lastSigned = start + 5 * 60;
    await step('createSecret', 'v3', lastSigned + LIFETIME - 1);
    expect(store.kids()).toContain(first);
  });

  test('never takes away the key that signs, however old', async () => {
    const first = key();
    await step('createSecret', 'v2', start + 1000 * DAY);
    expect(store.kids()).toContain(first.kid);
  });

  test('is not finished with a key that does not verify', async () => {
    await step('createSecret', 'v2', start);
    store.keys = { ...store.keys, keys: store.keys.keys.slice(0, 1) };
    await expect(step('testSecret', 'v2', start)).rejects.toBeInstanceOf(InvalidToken);
  });

  test('that is only tested, as when its schedule is made, tests the current key', async () => {
    await expect(step('testSecret', 'none', start)).resolves.toBeUndefined();
    store.keys = { keys: [], retired: {} };
    await expect(step('testSecret', 'none', start)).rejects.toBeInstanceOf(InvalidToken);
    store.current = undefined;
    await expect(step('testSecret', 'none', start)).rejects.toThrow('The secret holds no key');
  });

  test('has no other step', async () => {
    await expect(step('deleteSecret', 'v2', start)).rejects.toThrow('Unknown step of a rotation: deleteSecret');
    expect(store.calls).toEqual([]);
  });
});
