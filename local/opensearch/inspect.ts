import { Embedded } from './embedded';
import { PageSection } from '../service';

/** Documents of an index that the page shows at most. */
const SHOWN = 100;

/** What the page shows of domains: indexes with how far searches are behind, aliases, and the last documents. */
export function sections(domains: readonly (readonly [name: string, engine: Embedded])[]): readonly PageSection[] {
  if (domains.length === 0) return [];
  const indexes = domains.flatMap(([domain, { cluster }]) =>
    cluster.all().map((index) => ({
      domain,
      name: index.name,
      documents: index.count,
      unseen: index.unseen,
      behindMs: index.behindMs,
    })),
  );
  const aliases = domains.flatMap(([domain, { cluster }]) =>
    Object.entries(cluster.allAliases()).map(([name, targets]) => ({
      domain,
      name,
      indexes: Object.entries(targets)
        .map(([index, { is_write_index: write }]) => (write === true ? `${index} (write)` : index))
        .join(', '),
    })),
  );
  const documents = domains.flatMap(([, { cluster }]) =>
    cluster.all().map((index) => ({
      name: index.name,
      items: [...index.all()]
        .sort((a, b) => b.seqNo - a.seqNo)
        .slice(0, SHOWN)
        .map(({ id, version, source }) => ({ _id: id, _version: version, ...source })),
    })),
  );
  return [
    {
      key: 'searchIndexes',
      title: 'Search indexes',
      columns: [
        { key: 'domain', title: 'Domain' },
        { key: 'name', title: 'Index' },
        { key: 'documents', title: 'Documents', number: true },
        { key: 'unseen', title: 'Not yet found', number: true },
        { key: 'behindMs', title: 'Behind, ms', number: true },
      ],
      entries: indexes,
    },
    {
      key: 'searchAliases',
      title: 'Search aliases',
      columns: [
        { key: 'domain', title: 'Domain' },
        { key: 'name', title: 'Alias' },
        { key: 'indexes', title: 'Indexes' },
      ],
      entries: aliases,
    },
    { key: 'searchDocuments', title: 'Last documents of search indexes', entries: documents },
  ];
}
