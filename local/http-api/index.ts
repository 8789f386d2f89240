import { LocalService } from '../service';
import { Preflight } from './http-api';
import { HttpApiProvider } from './providers';

/** What AWS's documentation leaves open. */
export interface HttpApiServiceOptions {
  /**
   * Who answers a preflight of an API with CORS that a route of ANY or `$default` takes as well: that route, or the
   * gateway before it. The documentation can be read either way.
   *
   * @default 'route'
   */
  readonly preflight?: Preflight;
}

/** API Gateway's HTTP APIs. */
export function makeHttpApi({ preflight }: HttpApiServiceOptions = {}): LocalService {
  return {
    name: 'HTTP API',
    iamPrefixes: ['execute-api'],
    start: (run) => {
      const provider = new HttpApiProvider(run, preflight);
      return {
        providers: [provider],
        addresses: () =>
          provider.apis.flatMap(({ api, url }) =>
            api.stagePaths.map((path) => ({ name: api.name, url: `${url}${path}` })),
          ),
        // As CreateStage: "Unable to find Route by key ... within the provided RouteSettings".
        deployed: () => provider.apis.forEach(({ api }) => api.check()),
        localizeAddresses: (text) => provider.localizeAddresses(text),
        accessLogs: () => provider.apis.flatMap(({ api }) => api.accessLogs()),
      };
    },
  };
}
