import * as contract from './contract';
import { GetHealth as facts } from '../../../src/items-api/contract';
import { requireEnv } from '../../core/env';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';

const about = {
  service: requireEnv('SERVICE_NAME'),
  version: requireEnv('SERVICE_VERSION'),
  environment: requireEnv('SERVICE_ENVIRONMENT'),
};

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    // It reads nothing, so that probes cost nothing.
    handle: async () => ({ status: 'ok' as const, timestamp: new Date().toISOString(), ...about }),
  },
);
