import { startTestEngine, type TestTables } from './engine';
import { newId } from '../../lambda/core/ids';
import type { ProfilePorts } from '../../lambda/personalisation-api/domain/profiles';
import { DynamoProfilesRepo } from '../../lambda/personalisation-api/repository/profiles-repo';

const NOON = Date.UTC(2026, 10, 22, 12);

/** The personalisation API's rules on a real engine, with a clock that a test holds. */
export interface PersonalisationWorld {
  readonly ports: ProfilePorts;
  readonly tables: TestTables;
  /** Milliseconds since 1970; stands still until a test moves it. */
  clock: number;
}

/** Made for all tests of a file; the clock is set back and the table emptied before each. */
export function usePersonalisation(): PersonalisationWorld {
  const world = { clock: NOON } as { -readonly [Name in keyof PersonalisationWorld]: PersonalisationWorld[Name] };
  let close: () => Promise<void> = async () => undefined;
  beforeAll(async () => {
    const engine = await startTestEngine();
    close = () => engine.close();
    world.tables = await engine.tables();
    const now = () => world.clock;
    const { db, social: table } = world.tables;
    world.ports = { profiles: new DynamoProfilesRepo({ db, table, now, newVersion: newId }), now, newId };
  });
  afterAll(() => close());
  beforeEach(async () => {
    world.clock = NOON;
    const { social } = world.tables;
    // A scan reads 1 MB.
    while ((await world.tables.items(social)).length > 0) await world.tables.clear(social);
    world.tables.calls.length = 0;
    world.tables.before = () => undefined;
  });
  return world;
}

/** The status and the words of a refusal. */
export async function refusalOf(action: Promise<unknown>): Promise<[status: number, text: string]> {
  try {
    await action;
  } catch (error) {
    const { statusCode, messages } = error as { statusCode: number; messages: Record<string, string[]> };
    return [
      statusCode,
      Object.entries(messages)
        .flatMap(([field, texts]) => texts.map((text) => `${field} ${text}`))
        .join('; '),
    ];
  }
  throw new Error('It was not refused');
}
