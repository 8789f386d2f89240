import { LocalService } from '../service';
import { CustomResourceProvider } from './provider';
import { ResponseServer } from './response-server';
import { CustomResourceState } from './state';

/** CloudFormation's custom resources: their own function gets the event. */
export const customResources: LocalService = {
  name: 'CloudFormation',
  start: async ({ region, accountId, dataDir, others }) => {
    const responses = new ResponseServer();
    await responses.start();
    const state = new CustomResourceState(dataDir);
    const invoker = { invoke: async (arn: string, payload: unknown) => others.functions.invoke(arn, payload) };
    return {
      providers: [new CustomResourceProvider({ invoker, responses, state, region, accountId })],
      functionEnvironment: { LOCAL_CFN_RESPONSE_PORT: String(responses.port) },
      close: async () => responses.close(),
    };
  },
};
