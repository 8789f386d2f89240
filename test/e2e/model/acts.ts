import { Random } from './random';
import { ModelArticle, ModelUser, Site } from './site';
import { userOf } from '../shapes';
import { World } from '../world';

/** What was done, and what it was about: that is looked at for certain. */
export interface Done {
  readonly text: string;
  readonly actor?: ModelUser;
  readonly user?: ModelUser;
  readonly article?: ModelArticle;
}

/** One act of a user, of which answer and effect are taken into the model. */
type Act = (stage: Stage) => Promise<Done | undefined>;

/** Where acts happen. */
export interface Stage {
  readonly world: World;
  readonly site: Site;
  readonly random: Random;
}

/** Few of each, so that users meet in them. */
export const TAGS = ['tea', 'C#', 'sea side', 'Ökologie', 'news'];
const TITLES = ['How to sail', 'How to sail home', 'Recipes', 'Eine Reise'];

const USERS = { least: 3, most: 6 };
const MOST_ARTICLES = 45;

/** Does something that the state of the site allows; what it is follows from the seed and the acts before. */
export async function actAtRandom(stage: Stage): Promise<Done> {
  const { site, random } = stage;
  let done: Done | undefined;
  while (done === undefined) {
    const act = site.users.length < USERS.least ? register : random.weighted(ACTS);
    done = await act(stage);
  }
  return done;
}

const register: Act = async ({ world, site, random }) => {
  if (site.users.length >= USERS.most) return undefined;
  const username = newName(site, random);
  // In no relation to the name, which may be somebody's whose address stays.
  const email = `${site.users.length}@example.com`;
  const user = await world.register({ username, email });
  const added = { ...user, bio: null, image: null, follows: new Set<ModelUser>() };
  site.users.push(added);
  site.freedNames.delete(username);
  return { text: `${username} registers`, actor: added, user: added };
};

/** Now and then one that was somebody else's. */
function newName(site: Site, random: Random): string {
  const freed = [...site.freedNames];
  if (freed.length > 0 && random.chance(0.3)) return random.of(freed);
  let name: string;
  do name = `user${random.below(1_000_000)}`;
  while (site.users.some(({ username }) => username === name));
  return name;
}

const changeProfile: Act = async ({ world, site, random }) => {
  const user = random.of(site.users);
  const before = user.username;
  const changes = {
    ...(random.chance(0.5) ? { username: newName(site, random) } : {}),
    ...(random.chance(0.5) ? { bio: random.of(['', 'Sails.', 'Reads.', `Bio ${random.below(1000)}`]) } : {}),
    ...(random.chance(0.3) ? { image: `https://example.com/${random.below(1000)}.png` } : {}),
    ...(random.chance(0.1) ? { password: `password-${random.below(1_000_000)}` } : {}),
  };
  if (Object.keys(changes).length === 0) return undefined;
  const { token, ...shown } = await world.updateUser(user, changes);
  Object.assign(user, changes, 'bio' in changes && changes.bio === '' ? { bio: null } : {}, { token });
  if (user.username !== before) {
    site.freedNames.add(before);
    site.freedNames.delete(user.username);
  }
  const { username, email, bio, image } = user;
  expect(shown).toEqual({ username, email, bio, image });
  return { text: `${before} changes ${JSON.stringify(changes)}`, actor: user, user };
};

const signIn: Act = async ({ world, site, random }) => {
  const user = random.of(site.users);
  user.token = userOf(await world.login(user.email, user.password)).token;
  return { text: `${user.username} signs in`, actor: user, user };
};

const follow: Act = async ({ world, site, random }) => {
  const [actor, user] = [random.of(site.users), random.of(site.users)];
  actor.follows.add(user);
  expect(await world.follow(actor, user.username)).toEqual(site.profile(user, actor));
  return { text: `${actor.username} follows ${user.username}`, actor, user };
};

const unfollow: Act = async ({ world, site, random }) => {
  const actor = random.of(site.users);
  const user = random.of(random.chance(0.9) && actor.follows.size > 0 ? [...actor.follows] : site.users);
  actor.follows.delete(user);
  expect(await world.unfollow(actor, user.username)).toEqual(site.profile(user, actor));
  return { text: `${actor.username} unfollows ${user.username}`, actor, user };
};

const post: Act = async ({ world, site, random }) => {
  if (site.articles.length >= MOST_ARTICLES) return undefined;
  const actor = random.of(site.users);
  const title = random.of(TITLES);
  const fields = { title, description: `About ${title}`, body: `Text ${random.below(1000)}` };
  const tagList = random.some(TAGS, 3);
  const answer = await world.createArticle(actor, { ...fields, tagList });
  const { slug, createdAt } = answer;
  expectNewSlug(site, slug);
  const article: ModelArticle = {
    ...{ ...fields, tagList, slug, createdAt, updatedAt: createdAt, author: actor },
    favoritedBy: new Set<ModelUser>(),
    comments: [],
  };
  site.articles.push(article);
  site.freedSlugs.delete(slug);
  expect(answer).toEqual(site.article(article, actor));
  return { text: `${actor.username} posts ${slug} with ${JSON.stringify(tagList)}`, actor, user: actor, article };
};

const update: Act = async ({ world, site, random }) => {
  if (site.articles.length === 0) return undefined;
  const article = random.of(site.articles);
  const { author: actor, slug, title, updatedAt } = article;
  const changes = {
    ...(random.chance(0.3) ? { title: random.of([title, ...TITLES]) } : {}),
    ...(random.chance(0.3) ? { description: `About ${random.below(1000)}` } : {}),
    ...(random.chance(0.4) ? { tagList: random.some(TAGS, 3) } : {}),
    body: `Text ${random.below(1000)}`,
  };
  const answer = await world.updateArticle(actor, slug, changes);
  expect(answer.updatedAt > updatedAt).toBe(true);
  if (answer.slug !== slug) {
    expect(changes.title).not.toBe(title);
    expectNewSlug(site, answer.slug);
    site.freedSlugs.add(slug);
    site.freedSlugs.delete(answer.slug);
  }
  Object.assign(article, changes, { slug: answer.slug, updatedAt: answer.updatedAt });
  expect(answer).toEqual(site.article(article, actor));
  return { text: `${actor.username} updates ${slug}: ${JSON.stringify(changes)}`, actor, user: actor, article };
};

const remove: Act = async ({ world, site, random }) => {
  if (site.articles.length === 0) return undefined;
  const article = random.of(site.articles);
  const { author: actor, slug } = article;
  await world.deleteArticle(actor, slug);
  site.articles.splice(site.articles.indexOf(article), 1);
  site.freedSlugs.add(slug);
  return { text: `${actor.username} deletes ${slug}`, actor, user: actor };
};

const favorite: Act = async ({ world, site, random }) => {
  if (site.articles.length === 0) return undefined;
  const [actor, article] = [random.of(site.users), random.of(site.articles)];
  article.favoritedBy.add(actor);
  expect(await world.favorite(actor, article.slug)).toEqual(site.article(article, actor));
  return { text: `${actor.username} favorites ${article.slug}`, actor, user: article.author, article };
};

const unfavorite: Act = async ({ world, site, random }) => {
  const favorites = site.articles.filter(({ favoritedBy }) => favoritedBy.size > 0);
  if (favorites.length === 0) return undefined;
  const article = random.of(favorites);
  const actor = random.of(random.chance(0.9) ? [...article.favoritedBy] : site.users);
  article.favoritedBy.delete(actor);
  expect(await world.unfavorite(actor, article.slug)).toEqual(site.article(article, actor));
  return { text: `${actor.username} unfavorites ${article.slug}`, actor, user: article.author, article };
};

const comment: Act = async ({ world, site, random }) => {
  if (site.articles.length === 0) return undefined;
  const [actor, article] = [random.of(site.users), random.of(site.articles)];
  const answer = await world.comment(actor, article.slug, `Comment ${random.below(1000)}`);
  const { id, createdAt, updatedAt, body } = answer;
  article.comments.push({ id, createdAt, updatedAt, body, author: actor });
  expect(answer).toEqual(site.comments(article, actor)[0]);
  return { text: `${actor.username} comments on ${article.slug}`, actor, user: actor, article };
};

const deleteComment: Act = async ({ world, site, random }) => {
  const commented = site.articles.filter(({ comments }) => comments.length > 0);
  if (commented.length === 0) return undefined;
  const article = random.of(commented);
  const gone = random.of(article.comments);
  await world.deleteComment(gone.author, article.slug, gone.id);
  article.comments.splice(article.comments.indexOf(gone), 1);
  const text = `${gone.author.username} deletes comment ${gone.id} of ${article.slug}`;
  return { text, actor: gone.author, user: gone.author, article };
};

/** Until everything written so far has come through. */
const wait: Act = async ({ world }) => {
  await world.settled();
  return { text: 'time passes' };
};

const ACTS: readonly (readonly [number, Act])[] = [
  [2, register],
  [4, changeProfile],
  [1, signIn],
  [8, follow],
  [4, unfollow],
  [14, post],
  [9, update],
  [4, remove],
  [10, favorite],
  [5, unfavorite],
  [7, comment],
  [3, deleteComment],
  [2, wait],
];

function expectNewSlug(site: Site, slug: string): void {
  expect(site.articles.map((article) => article.slug)).not.toContain(slug);
}
