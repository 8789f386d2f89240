import { World } from '../world';
import { describeArticleUpdates } from './article-updates';
import { describeArticles } from './articles';
import { describeAuthentication } from './authentication';
import { describeComments } from './comments';
import { describeCors } from './cors';
import { describeDeletes } from './deletes';
import { describeDocuments } from './documents';
import { describeFavorites } from './favorites';
import { describeFeed } from './feed';
import { describeLists } from './lists';
import { describeOriginalFaults } from './original-faults';
import { describeProfiles } from './profiles';
import { describeReadYourWrites } from './read-your-writes';
import { describeSearch } from './search';
import { describeSignIn } from './sign-in';
import { describeTags } from './tags';
import { describeUsers } from './users';

/** The whole contract, on whatever `world` runs. */
export function describeRealWorld(world: World): void {
  describeDeletes(world);
  describeUsers(world);
  describeProfiles(world);
  describeArticles(world);
  describeArticleUpdates(world);
  describeLists(world);
  describeFavorites(world);
  describeComments(world);
  describeTags(world);
  describeSearch(world);
  describeFeed(world);
  describeReadYourWrites(world);
  describeOriginalFaults(world);
  describeDocuments(world);
  describeCors(world);
  describeSignIn(world);
  describeAuthentication(world);
}
