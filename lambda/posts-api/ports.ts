import { CognitoUsers } from '../auth/cognito-users';
import { requireEnv } from '../core/env';
import { newId } from '../core/ids';
import { pause } from '../core/retry';
import { AccessTokenMaker, AccessTokenRepository } from './repository/access-tokens';
import { GrantRepository } from './repository/grants';
import { ListRepository } from './repository/lists';
import { PostCleanUpRepository } from './repository/post-clean-up';
import { PostRepository } from './repository/posts';
import { tables, tokenTable } from './repository/tables';
import { TagCleanUpRepository } from './repository/tag-clean-up';
import { TagRepository } from './repository/tags';
import { UserRemainsRepository, UserRepository } from './repository/users';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();
const directory = () => new CognitoUsers(requireEnv('USER_POOL_ID'));

export const postPorts = () => ({ posts: new PostRepository(tables()), newId, now, pause });
export const grantPorts = () => ({ ...postPorts(), grants: new GrantRepository(tables()) });
export const listPorts = () => ({ lists: new ListRepository(tables()) });
export const tagPorts = () => ({ tags: new TagRepository(tables()), newId, now });
export const cleanUpPorts = () => ({
  posts: new PostCleanUpRepository(tables()),
  grants: new GrantRepository(tables()),
  tags: new TagCleanUpRepository(tables()),
  users: {
    remains: new UserRemainsRepository(tables()),
    userPosts: new PostRepository(tables()),
    userTags: new TagRepository(tables()),
    tokens: new AccessTokenRepository(tokenTable()),
    directory: directory(),
  },
});
export const tokenPorts = () => ({ tokens: new AccessTokenRepository(tokenTable()), now });
export const tokenMakerPorts = () => ({ maker: new AccessTokenMaker({ ...tables(), ...tokenTable() }), newId, now });
export const mePorts = () => ({ profiles: new UserRepository(tables()), directory: directory(), now });
export const deleteMePorts = () => ({ users: new UserRepository(tables()), ...tokenPorts(), directory: directory() });
