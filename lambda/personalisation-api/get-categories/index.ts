import * as contract from './contract';
import { GetCategories as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getCategories } from '../domain/profiles';
import { profilePorts } from '../ports';
import { segmentOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    handle: ({ path }) => getCategories(ports, segmentOf(path)),
  },
);
