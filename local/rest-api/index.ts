import { LocalService } from '../service';
import { ControlApi } from './control-api';
import { RestApiProvider } from './providers';

/** API Gateway's REST APIs. */
export const restApi: LocalService = {
  name: 'REST API',
  iamPrefixes: ['apigateway'],
  start: (run) => {
    const provider = new RestApiProvider(run);
    return {
      providers: [provider],
      apis: [new ControlApi(run.region, (apiId, stage) => provider.find(apiId)?.settingsOf(stage))],
      addresses: () =>
        provider.apis.flatMap(({ api, url }) =>
          api.stagePaths.map((path) => ({ name: api.name, url: `${url}${path}` })),
        ),
      localizeAddresses: (text) => provider.localizeAddresses(text),
      accessLogs: () => provider.apis.flatMap(({ api }) => api.accessLogs()),
    };
  },
};
