import { Done, Stage, TAGS } from './acts';
import { ModelArticle, ModelUser, ModelViewer } from './site';
import { encoded } from '../client';
import { expectError } from '../shapes';
import { ListQuery } from '../world';

/** A read with what the model says it answers. */
interface Read {
  readonly text: string;
  check(): Promise<void>;
}

/** Reads at once, as many as a page of a client makes. */
const WIDTH = 4;

/**
 * Reads by the one who acted, by others and by a visitor, of what was acted on and of anything else, and compares all of
 * it with the model.
 *
 * @param rounds how many readers look, beside the one who acted
 */
export async function compare(stage: Stage, done: Done, rounds: number): Promise<void> {
  const { site, random } = stage;
  const viewers: ModelViewer[] = [done.actor, undefined];
  while (viewers.length < 1 + rounds) viewers.push(random.of(site.users));
  const reads = viewers.slice(0, 1 + rounds).flatMap((viewer) => readsOf(stage, done, viewer));
  const queue = [...reads, tags(stage), ...gone(stage)].values();
  const work = async (): Promise<void> => {
    for (const { text, check } of queue) {
      try {
        await check();
      } catch (error) {
        throw new Error(`${text}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, work));
}

function readsOf(stage: Stage, { user, article }: Done, viewer: ModelViewer): Read[] {
  const { site, random } = stage;
  const someArticle = site.articles.length === 0 ? [] : [random.of(site.articles)];
  const articles = article === undefined ? someArticle : [article];
  return [
    list(stage, {}, viewer),
    list(stage, { ...filters(stage), ...page(stage) }, viewer),
    list(stage, filters(stage), viewer),
    ...(viewer === undefined ? [] : [feed(stage, page(stage), viewer)]),
    ...articles.flatMap((each) => [articleRead(stage, each, viewer), comments(stage, each, viewer)]),
    profile(stage, user ?? random.of(site.users), viewer),
  ];
}

/** Each filter alone and with others, also by names that are nobody's. */
function filters({ site, random }: Stage): ListQuery {
  const names = [...site.users.map(({ username }) => username), ...[...site.freedNames].slice(-1)];
  return {
    ...(random.chance(0.4) ? { tag: random.of(TAGS) } : {}),
    ...(random.chance(0.4) ? { author: random.of(names) } : {}),
    ...(random.chance(0.4) ? { favorited: random.of(names) } : {}),
  };
}

function page({ site, random }: Stage): Pick<ListQuery, 'limit' | 'offset'> {
  return {
    ...(random.chance(0.7) ? { limit: 1 + random.below(6) } : {}),
    ...(random.chance(0.5) ? { offset: random.below(site.articles.length + 2) } : {}),
  };
}

const by = (viewer: ModelViewer): string => `as ${viewer?.username ?? 'a visitor'}`;

function list({ world, site }: Stage, query: ListQuery, viewer: ModelViewer): Read {
  return {
    text: `list ${JSON.stringify(query)} ${by(viewer)}`,
    check: async () => expect(await world.list(query, viewer)).toEqual(site.list(query, viewer)),
  };
}

function feed({ world, site }: Stage, query: Pick<ListQuery, 'limit' | 'offset'>, viewer: ModelUser): Read {
  return {
    text: `feed ${JSON.stringify(query)} ${by(viewer)}`,
    check: async () => expect(await world.feed(viewer, query)).toEqual(site.feed(viewer, query)),
  };
}

function articleRead({ world, site }: Stage, article: ModelArticle, viewer: ModelViewer): Read {
  return {
    text: `article ${article.slug} ${by(viewer)}`,
    check: async () => expect(await world.article(article.slug, viewer)).toEqual(site.article(article, viewer)),
  };
}

function comments({ world, site }: Stage, article: ModelArticle, viewer: ModelViewer): Read {
  return {
    text: `comments of ${article.slug} ${by(viewer)}`,
    check: async () => expect(await world.comments(article.slug, viewer)).toEqual(site.comments(article, viewer)),
  };
}

function profile({ world, site }: Stage, user: ModelUser, viewer: ModelViewer): Read {
  return {
    text: `profile of ${user.username} ${by(viewer)}`,
    check: async () => expect(await world.profile(user.username, viewer)).toEqual(site.profile(user, viewer)),
  };
}

/** Each once, by how many articles have it. */
function tags({ world, site }: Stage): Read {
  return {
    text: 'tags',
    check: async () => {
      const shown = await world.tags();
      const counts = site.tags();
      expect(shown.map((tag) => [tag, counts.get(tag)])).toEqual(
        [...counts].sort(([one, a], [other, b]) => b - a || shown.indexOf(one) - shown.indexOf(other)),
      );
    },
  };
}

/** What was given up last is nobody's. */
function gone({ world, site }: Stage): Read[] {
  const [slug, name] = [[...site.freedSlugs].at(-1), [...site.freedNames].at(-1)];
  return [
    ...(slug === undefined ? [] : [notFound('article', `/articles/${encoded(slug)}`)]),
    ...(name === undefined ? [] : [notFound('profile', `/profiles/${encoded(name)}`)]),
  ];
  function notFound(what: string, path: string): Read {
    return { text: path, check: async () => expectError(await world.get(path), 404, { [what]: ['not found'] }) };
  }
}
