import { LocalService } from '../service';
import { IamAuthorizer } from './authorizer';
import { GLOBAL_KEYS } from './conditions';
import { IamProvider } from './providers';

/** What the run may ask of IAM beside checking. */
export interface IamServiceOptions {
  /**
   * How many calls of every role are denied while the app is deployed: the permissions of a role just made are not
   * there at once in AWS, which what a custom resource runs has to live with.
   *
   * @default 0
   */
  readonly freshRoleDenials?: number;
}

/** IAM: roles and policies, by which every call is checked. Its own API is not here. */
export function makeIam({ freshRoleDenials = 0 }: IamServiceOptions = {}): LocalService {
  return {
    name: 'IAM',
    conditionKeys: GLOBAL_KEYS,
    start: ({ region, accountId, checkIam, services }) => {
      const prefixes = services.flatMap(({ iamPrefixes = [] }) => iamPrefixes);
      const authorizer = new IamAuthorizer(region, prefixes, checkIam, freshRoleDenials);
      const knownKeys = services.flatMap(({ conditionKeys = [] }) => conditionKeys);
      return {
        providers: [new IamProvider(authorizer, accountId, knownKeys)],
        authorizer,
        deployed: () => authorizer.rolesHavePropagated(),
      };
    },
  };
}
