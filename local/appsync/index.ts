import { LocalService, PageSection } from '../service';
import { AppSyncProvider, MakePage, realtimeUrl, RunningGraphqlApi } from './providers';

/** What may be added to AppSync's APIs here. */
export interface AppSyncServiceOptions {
  /**
   * Makes what the server of an API shows beside `/graphql`, at `/` and below it.
   *
   * @default - nothing
   */
  readonly page?: MakePage;
}

/** AppSync's GraphQL APIs. */
export function makeAppSync({ page }: AppSyncServiceOptions = {}): LocalService {
  return {
    name: 'AppSync',
    iamPrefixes: ['appsync'],
    start: (run) => {
      const provider = new AppSyncProvider(run, page);
      return {
        providers: [provider],
        addresses: () =>
          provider.apis.map(({ deployed: { options } }) => ({
            name: `GraphQL ${options.name}`,
            url: `${options.url}/graphql`,
          })),
        facts: () =>
          provider.apis.map(({ deployed: { options } }) => ({
            name: `subscriptions ${options.name}`,
            value: realtimeUrl(options.url),
          })),
        localizeAddresses: (text) => provider.localizeAddresses(text),
        identify: (accessKeyId) => provider.identify(accessKeyId),
        // An API without a schema answers nothing.
        deployed: () => provider.apis.forEach(({ deployed }) => deployed.executor),
        inspect: () => inspect(provider.apis),
      };
    },
  };
}

function inspect(apis: readonly RunningGraphqlApi[]): readonly PageSection[] {
  return [
    {
      key: 'graphqlApis',
      title: 'GraphQL APIs',
      columns: [
        { key: 'name', title: 'API' },
        { key: 'url', title: 'Address' },
        { key: 'modes', title: 'Authorization' },
      ],
      entries: apis.map(({ deployed: { options } }) => ({
        name: options.name,
        url: `${options.url}/graphql`,
        modes: [options.modes.main, ...options.modes.additional].join(', '),
      })),
    },
    {
      key: 'graphqlResolvers',
      title: 'GraphQL resolvers',
      columns: [
        { key: 'api', title: 'API' },
        { key: 'field', title: 'Field' },
        { key: 'kind', title: 'Kind' },
        { key: 'sources', title: 'Data sources' },
      ],
      entries: apis.flatMap(({ deployed }) =>
        [...deployed.resolvers].map(([field, resolver]) => ({
          api: deployed.options.name,
          field,
          kind: resolver.kind,
          sources: (resolver.kind === 'unit' ? [resolver.step] : resolver.steps)
            .map(({ dataSource }) => `${dataSource.name} (${dataSource.type})`)
            .join(', '),
        })),
      ),
    },
  ];
}
