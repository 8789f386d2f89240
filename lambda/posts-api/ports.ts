import { newId } from '../core/ids';
import { pause } from '../core/retry';
import { GrantRepository } from './repository/grants';
import { ListRepository } from './repository/lists';
import { PostCleanUpRepository } from './repository/post-clean-up';
import { PostRepository } from './repository/posts';
import { tables } from './repository/tables';
import { TagCleanUpRepository } from './repository/tag-clean-up';
import { TagRepository } from './repository/tags';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();

export const postPorts = () => ({ posts: new PostRepository(tables()), newId, now, pause });
export const grantPorts = () => ({ ...postPorts(), grants: new GrantRepository(tables()) });
export const listPorts = () => ({ lists: new ListRepository(tables()) });
export const tagPorts = () => ({ tags: new TagRepository(tables()), newId, now });
export const cleanUpPorts = () => ({
  posts: new PostCleanUpRepository(tables()),
  grants: new GrantRepository(tables()),
  tags: new TagCleanUpRepository(tables()),
});
