import { newId } from '../core/ids';
import { PostRepository } from './repository/posts';
import { tables } from './repository/tables';

/** What handlers give to use cases, made once a sandbox. A handler imports those it uses, and no others are bundled. */

const now = () => Date.now();

export const postPorts = () => ({ posts: new PostRepository(tables()), newId, now });
