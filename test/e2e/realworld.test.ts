import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { remote, SEARCH } from './harness';
import { describeRealWorld } from './suites';
import { useWorld } from './world';
import { REALWORLD_ENDPOINTS } from '../../src/realworld-api/contract';
import { assemblyOf } from '../support/assemblies';
import { inScope } from '../support/scope';

// Waiting for a drained stream takes as long as the stream is behind.
jest.setTimeout(60_000);

/**
 * Milliseconds that indexes, streams and reads that may be stale are behind; the search index as much again. On DynamoDB Local the same runs without,
 * and a remote API is as far behind as it is.
 */
const LAG = remote ? 0 : Number(process.env.REALWORLD_LAG ?? 400);

/**
 * Seed of faults: calls throttled, failed, refused for conflicts or done in part; functions begin anew; messages come
 * twice and in another order. Not in `npm test`, because every retry waits.
 */
const FAULTS = LAG > 0 ? inScope(undefined, Number(process.env.REALWORLD_FAULTS ?? 1)) : undefined;

const faulty = FAULTS === undefined ? '' : `, and with faults (REALWORLD_FAULTS=${FAULTS})`;

describe(`RealWorld API with indexes, streams and reads ${LAG} ms behind${faulty}`, () => {
  // Four of a function at a time: a crowd has to get into its own way, or no count of favorites moves to shards.
  const world = useWorld({
    maxProcesses: 4,
    faultSeed: FAULTS,
    // An attempt to sign in whose count loses its answer counts twice: the suite counts exactly.
    faultRates: { dropAnswer: 0 },
    ...(LAG > 0 ? { lag: { gsi: LAG, reads: LAG, stream: LAG, search: 2 * LAG } } : {}),
  });
  describeRealWorld(world);

  const rights = remote ? describe.skip : describe;
  rights('rights, after all of the above (only where the runner knows the roles)', () => {
    /** Roles of the functions that answer requests, by the names that the runner gives them. */
    const ofEndpoint = (role: string) =>
      /^RealWorld-Api[A-Z]\w+Role/.test(role) && !/^RealWorld-Api(Keys|CleanUp)/.test(role);

    test('the roles that are looked at are those of all endpoints, of documents and of unknown routes', async () => {
      const file = join(
        await assemblyOf('full-system', SEARCH === 'off' ? { search: 'false' } : {}),
        'RealWorld.template.json',
      );
      const { Resources: resources } = JSON.parse(readFileSync(file, 'utf8')) as {
        Resources: Record<string, { Type: string }>;
      };
      const roles = Object.entries(resources).filter(
        ([id, { Type: type }]) => type === 'AWS::IAM::Role' && ofEndpoint(`RealWorld-${id}`),
      );
      const names = roles.map(([id]) => /^Api(\w+)Role/.exec(id)?.[1]);
      const endpoints = Object.keys(REALWORLD_ENDPOINTS).filter((id) => SEARCH !== 'off' || id !== 'SearchArticles');
      expect(names.sort()).toEqual([...endpoints, 'Docs', 'NotFound'].sort());
    });

    test('no function of an endpoint is allowed an action on data or secrets that it has never used', async () => {
      await world.settled();
      const unused = world.running.app?.unusedActions() ?? [];
      const ofEndpoints = unused.filter(({ role, action }) => ofEndpoint(role) && !/^(sqs|es):/.test(action));
      expect(ofEndpoints.map(({ role, action }) => `${/Api(\w+)Role/.exec(role)?.[1]} ${action}`)).toEqual([]);
    });

    test('and the report names what was never used: the key pair was not rotated', () => {
      const actions = world.running.app?.unusedActions().map(({ action }) => action);
      expect(actions).toContain('secretsmanager:UpdateSecretVersionStage');
    });
  });
});
