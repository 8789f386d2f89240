import { LocalService } from '../service';
import { RestApiProvider } from './providers';

/** API Gateway's REST APIs. */
export const restApi: LocalService = {
  name: 'REST API',
  start: (run) => {
    const provider = new RestApiProvider(run);
    return {
      providers: [provider],
      addresses: () =>
        provider.apis.flatMap(({ api, url }) =>
          api.stagePaths.map((path) => ({ name: api.name, url: `${url}${path}` })),
        ),
      localizeAddresses: (text) => provider.localizeAddresses(text),
      accessLogs: () => provider.apis.flatMap(({ api }) => api.accessLogs()),
    };
  },
};
