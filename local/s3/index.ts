import { LocalService, PageSection } from '../service';
import { Bucket } from './buckets';
import { BucketProvider } from './provider';

/** Objects of a bucket that the page shows at most. */
const SHOWN = 50;

/** S3: buckets that other services put objects into, for a person to look at. Its API is not here. */
export const s3: LocalService = {
  name: 'S3',
  start: (run) => {
    const buckets = new Map<string, Bucket>();
    return {
      providers: [new BucketProvider(buckets, run)],
      bucket: (name) => buckets.get(name),
      inspect: () => sections([...buckets.values()]),
    };
  },
};

function sections(buckets: readonly Bucket[]): readonly PageSection[] {
  if (buckets.length === 0) return [];
  const entries = buckets.map(({ name, objects }) => ({
    name,
    items: objects.slice(0, SHOWN).map(({ key, time, body }) => ({
      key,
      lastModified: new Date(time).toISOString(),
      content: contentOf(body),
    })),
  }));
  return [{ key: 'buckets', title: 'Buckets', entries }];
}

function contentOf(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}
