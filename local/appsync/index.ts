import { LocalService, PageSection } from '../service';
import { ExploredApi, explorerPage } from './explorer';
import { AppSyncProvider, realtimeUrl, RunningGraphqlApi } from './providers';

/** AppSync's GraphQL APIs. */
export function makeAppSync(): LocalService {
  return {
    name: 'AppSync',
    iamPrefixes: ['appsync'],
    start: (run) => {
      const explored = (): readonly ExploredApi[] =>
        provider.apis.map(({ deployed }) => ({ deployed, realtimeUrl: realtimeUrl(deployed.options.url) }));
      const provider: AppSyncProvider = new AppSyncProvider(run, explorerPage({ others: run.others, apis: explored }));
      return {
        providers: [provider],
        addresses: () =>
          provider.apis.flatMap(({ deployed: { options } }) => [
            { name: `GraphQL ${options.name}`, url: `${options.url}/graphql` },
            { name: `explorer ${options.name}`, url: options.url },
          ]),
        facts: () =>
          provider.apis
            .filter(({ deployed }) => deployed.definition.schema.getSubscriptionType())
            .map(({ deployed: { options } }) => ({
              name: `subscriptions ${options.name}`,
              value: realtimeUrl(options.url),
            })),
        localizeAddresses: (text) => provider.localizeAddresses(text),
        identify: (accessKeyId) => provider.identify(accessKeyId),
        // An API without a schema answers nothing.
        deployed: () => provider.apis.forEach(({ deployed }) => deployed.executor),
        inspect: () => inspect(provider.apis),
        stop: () => provider.apis.forEach(({ realtime }) => realtime.close()),
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
    {
      key: 'graphqlConnections',
      title: 'GraphQL connections',
      columns: [
        { key: 'api', title: 'API' },
        { key: 'caller', title: 'Caller' },
        { key: 'subscriptions', title: 'Subscriptions' },
        { key: 'delivered', title: 'Delivered', number: true },
      ],
      entries: apis.flatMap(({ deployed, realtime }) =>
        realtime.connections.map(({ caller, fields, delivered }) => ({
          ...{ api: deployed.options.name, caller, delivered },
          subscriptions: fields.join(', '),
        })),
      ),
    },
  ];
}
