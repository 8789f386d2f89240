import type { NewToken } from './shapes';
import { keepItem } from './tables';
import type { PostsWorld, Session } from './world';

/** A token that was good and has expired: on a busy machine it may have before it was seen to be good. */
export async function expiredToken(world: PostsWorld, owner: Session): Promise<NewToken> {
  for (let seconds = 1; ; seconds *= 2) {
    const expires = new Date(Date.now() + seconds * 1000).toISOString();
    const made = await world.createToken(owner, ['read:posts', 'write:posts'], { expires_at: expires });
    await keepItem(world, { PK: `PATS#${owner.userId}`, SK: `PAT#${made.token_id}` });
    const { status } = await world.get('/tags', made);
    while (Date.now() <= Date.parse(made.expires_at)) await world.get('/tags', made);
    if (status === 200) return made;
  }
}
