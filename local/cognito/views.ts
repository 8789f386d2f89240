import { UserPool } from './pool';
import { User } from './user';
import { Json } from '../aws/protocol';

/** Attributes as the API shows them, the sub among them. */
export function attributeList({ sub, attributes }: User, readable?: ReadonlySet<string>): readonly Json[] {
  const shown = Object.entries(attributes).filter(([name]) => readable === undefined || readable.has(name));
  return [['sub', sub], ...shown].map(([Name, Value]) => ({ Name, Value }));
}

/** Whether and how a user has a second factor. */
export function mfaOf({ totpEnabled, totpPreferred }: User): Json {
  if (totpEnabled !== true) return {};
  const name = 'SOFTWARE_TOKEN_MFA';
  return { UserMFASettingList: [name], ...(totpPreferred === true ? { PreferredMfaSetting: name } : {}) };
}

/** A user as lists show it. */
export function userView(user: User, wanted?: readonly string[]): Json {
  return {
    Username: user.username,
    Attributes: attributeList(user, wanted === undefined ? undefined : new Set(wanted)).filter(
      ({ Name }) => wanted === undefined || wanted.includes(String(Name)),
    ),
    UserCreateDate: user.created / 1000,
    UserLastModifiedDate: user.modified / 1000,
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

/** A group as the API shows it. */
export function groupView(pool: UserPool, name: string): Json {
  const group = pool.groups.get(name);
  return {
    GroupName: name,
    UserPoolId: pool.settings.id,
    Description: group?.description,
    RoleArn: group?.roleArn,
    Precedence: group?.precedence,
    CreationDate: (group?.created ?? 0) / 1000,
    LastModifiedDate: (group?.created ?? 0) / 1000,
  };
}
