import { remote } from './harness';
import { describeRealWorld } from './suites';
import { useWorld } from './world';

jest.setTimeout(30_000);

describe('RealWorld API', () => {
  const world = useWorld();
  describeRealWorld(world);

  const rights = remote ? describe.skip : describe;
  rights('rights, after all of the above (only where the runner knows the roles)', () => {
    test('no function of an endpoint is allowed an action on data or secrets that it has never used', async () => {
      await world.settled();
      const unused = world.running.app?.unusedActions() ?? [];
      const ofEndpoints = unused.filter(
        ({ role, action }) =>
          /^RealWorld-Api[A-Z]\w+Role/.test(role) &&
          !/^RealWorld-Api(Keys|CleanUp)/.test(role) &&
          !action.startsWith('sqs:'),
      );
      expect(ofEndpoints.map(({ role, action }) => `${/Api(\w+)Role/.exec(role)?.[1]} ${action}`)).toEqual([]);
    });

    test('and the report names what was never used: the key pair was not rotated', () => {
      const actions = world.running.app?.unusedActions().map(({ action }) => action);
      expect(actions).toContain('secretsmanager:UpdateSecretVersionStage');
    });
  });
});
