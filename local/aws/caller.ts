import { Principal } from '../types';

/** How AWS names a caller to the API that it calls. */
export interface CallerNames {
  readonly userArn: string;
  /** `AROA...:session` of a role's session, `AIDA...` of a user. */
  readonly userId: string;
}

/** A role acts by a session that has the name of who runs with it. */
export function callerNames({ name, roleArn }: Principal, accountId: string): CallerNames {
  const role = roleArn?.split('/').at(-1);
  return role === undefined
    ? { userArn: `arn:aws:iam::${accountId}:user/${name}`, userId: `AIDA${name.toUpperCase()}` }
    : { userArn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`, userId: `AROA${role}:${name}` };
}
