import { newId } from '../core/ids';
import { PostRepository } from './repository/posts';
import { tables } from './repository/tables';
import { TagRepository } from './repository/tags';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();

export const postPorts = () => ({ posts: new PostRepository(tables()), newId, now });
export const tagPorts = () => ({ tags: new TagRepository(tables()), newId, now });
