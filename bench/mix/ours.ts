import { articleBody, commentBody, FEED, register, type Request, Site, slugOf, TAG } from './fixture';
import { type RequestName, REQUESTS, type Units, type UnitsByRequest } from './requests';
import type { AwsCall } from '../../local/types';

/** Of one kind of request: in the function that answers it, and in what its stream leads to. */
export interface Counted {
  readonly request: Units;
  readonly stream: Units;
}

export type CountedByRequest = Readonly<Record<RequestName, Counted>>;

/** What ours takes, as the engine counts it. */
export interface Ours {
  readonly signedIn: CountedByRequest;
  /** Of what visitors ask too, without a user. */
  readonly visitors: Partial<CountedByRequest>;
  /** A feed of a hundred rows. */
  readonly smallFeed: Counted;
}

/** Times that each is counted: shards are taken at random. The first is not, in which a process reads its keys. */
const SAMPLES = Number(process.env.SAMPLES ?? 4);

const sum = (units: AwsCall['readUnits']) => Object.values(units ?? {}).reduce((total, value) => total + value, 0);
const unitsOf = (calls: readonly AwsCall[]): Units => ({
  rcu: calls.reduce((total, call) => total + sum(call.readUnits), 0),
  wcu: calls.reduce((total, call) => total + sum(call.writeUnits), 0),
});
const mean = (all: readonly Units[]): Units => ({
  rcu: all.reduce((total, { rcu }) => total + rcu, 0) / all.length,
  wcu: all.reduce((total, { wcu }) => total + wcu, 0) / all.length,
});
const plus = (a: Units, b: Units): Units => ({ rcu: a.rcu + b.rcu, wcu: a.wcu + b.wcu });

/** Of a request and its stream together. */
export const together = (counted: CountedByRequest): UnitsByRequest =>
  Object.fromEntries(
    REQUESTS.map((name) => [name, plus(counted[name].request, counted[name].stream)]),
  ) as UnitsByRequest;

class Counter {
  public constructor(private readonly site: Site) {}

  /** What a kind of request takes on average, with what it needs made before each. */
  public async count(prepare: (sample: number) => Promise<Request> | Request): Promise<Counted> {
    const counted: Counted[] = [];
    for (let sample = 0; sample <= SAMPLES; sample++) counted.push(await this.one(await prepare(sample)));
    const [, ...warm] = counted;
    return { request: mean(warm.map(({ request }) => request)), stream: mean(warm.map(({ stream }) => stream)) };
  }

  private async one(request: Request): Promise<Counted> {
    const { app } = this.site;
    await app.idle();
    app.clearCalls();
    await this.site.send(request);
    await app.idle();
    const { invocationId } = app.requests()[app.requests().length - 1];
    const calls = app.calls();
    const own = calls.filter((call) => call.invocationId === invocationId);
    if (invocationId === undefined || own.length === 0) throw new Error(`${request.path} asked for nothing`);
    return { request: unitsOf(own), stream: unitsOf(calls.filter((call) => !own.includes(call))) };
  }
}

/** Reads that anybody may make, then those of a user. */
function readsOf(site: Site, by: Request['by']): Partial<Record<RequestName, (sample: number) => Request>> {
  const get = (path: string): Request => ({ method: 'GET', path, by });
  const [author] = site.authors;
  const some = (sample: number) => slugOf(FEED.large - 40 - sample);
  return {
    'global list': () => get('/articles'),
    'list by tag': () => get(`/articles?tag=${TAG}`),
    'list by author': () => get(`/articles?author=${author.username}`),
    article: (sample) => get(`/articles/${some(sample)}`),
    comments: () => get(`/articles/${slugOf(COMMENTED)}/comments`),
    profile: (sample) => get(`/profiles/${site.authors[sample].username}`),
    ...(by ? { 'current user': () => get('/user'), feed: () => get('/articles/feed') } : {}),
  };
}

const COMMENTED = FEED.large - 100;

type Prepared = (sample: number) => Promise<Request> | Request;

/** Writes, and what has to be there before each; what was read is read before them. */
function writesOf(site: Site): Partial<Record<RequestName, Prepared>> {
  const { viewer: by } = site;
  const [author] = site.authors;
  const old = (sample: number, from: number) => `/articles/${slugOf(from + sample)}`;
  return {
    favorite: (sample) => ({ method: 'POST', path: `${old(sample, 300)}/favorite`, by }),
    unfavorite: async (sample) => {
      const path = `${old(sample, 320)}/favorite`;
      await site.send({ method: 'POST', path, by });
      return { method: 'DELETE', path, by };
    },
    'add comment': (sample) => ({ method: 'POST', path: `${old(sample, 340)}/comments`, by, body: commentBody() }),
    // Somebody new follows an author of twelve articles.
    follow: async (sample) => ({
      method: 'POST',
      path: `/profiles/${site.authors[2 + sample].username}/follow`,
      by: await register(site),
    }),
    post: () => ({ method: 'POST', path: '/articles', by: author, body: articleBody() }),
    update: (sample) => ({
      method: 'PUT',
      path: old(sample, 0),
      by: author,
      body: { article: { title: `Another title ${sample}` } },
    }),
    delete: (sample) => ({ method: 'DELETE', path: old(sample, 12), by: author }),
  };
}

async function countAll<Name extends RequestName>(
  counter: Counter,
  requests: Readonly<Partial<Record<Name, Prepared>>>,
): Promise<Partial<CountedByRequest>> {
  const counted: Partial<Record<RequestName, Counted>> = {};
  for (const [name, prepare] of Object.entries(requests) as [Name, Prepared][]) {
    counted[name] = await counter.count(prepare);
  }
  return counted;
}

/** Counts everything on the running example. @param tell says what is under way */
export async function countOurs(tell: (what: string) => void): Promise<Ours> {
  const site = await Site.start();
  try {
    const counter = new Counter(site);
    const feed = () => ({ method: 'GET', path: '/articles/feed', by: site.viewer });
    tell(`writing ${FEED.small} articles`);
    await site.fill(0, FEED.small);
    const smallFeed = await counter.count(feed);
    tell(`writing ${FEED.large - FEED.small} more`);
    await site.fill(FEED.small, FEED.large);
    await site.comment(slugOf(COMMENTED));
    tell('counting');
    const visitors = await countAll(counter, readsOf(site, undefined));
    const reads = await countAll(counter, readsOf(site, site.viewer));
    const signedIn = { ...reads, ...(await countAll(counter, writesOf(site))) } as CountedByRequest;
    return { signedIn, visitors, smallFeed };
  } finally {
    await site.close();
  }
}
