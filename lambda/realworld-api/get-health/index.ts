import * as contract from './contract';
import { GetHealth as facts } from '../../../src/realworld-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { api } from '../api';

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    // It reads nothing, so that probes cost nothing.
    handle: async () => ({ status: 'ok' as const }),
  },
);
