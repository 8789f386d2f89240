import { POSTS_ENDPOINTS } from '../../../../src/posts-api/contract';
import type { PostsWorld } from '../world';

/** No role of an endpoint is allowed what none of the requests before has needed. */
export function describeRights(world: PostsWorld): void {
  /** `GetMe` of a role of the API's construct. */
  const endpointOf = (role: string): string | undefined =>
    Object.keys(POSTS_ENDPOINTS).find((name) => new RegExp(`Api${name}(ServiceRole|Role)`).test(role));

  const roles = (): string[] =>
    world.running.app.resources.filter(({ type }) => type === 'AWS::IAM::Role').map(({ ref }) => ref);

  test('the roles that are looked at are those of all endpoints', () => {
    const found = roles().flatMap((role) => endpointOf(role) ?? []);
    expect(found.sort()).toEqual(Object.keys(POSTS_ENDPOINTS).sort());
  });

  test('no function of an endpoint is allowed an action on data or users that it has never used', async () => {
    await world.settled();
    const unused = world.running.app.unusedActions().filter(({ action }) => /^(dynamodb|cognito-idp):/.test(action));
    const ofEndpoints = unused.flatMap(({ role, action, resource }) => {
      const endpoint = endpointOf(role);
      return endpoint === undefined ? [] : [`${endpoint} ${action} ${resource}`];
    });
    expect(ofEndpoints).toEqual([]);
  });
}
