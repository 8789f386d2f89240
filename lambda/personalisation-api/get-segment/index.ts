import * as contract from './contract';
import { GetSegment as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getSegment } from '../domain/profiles';
import { profilePorts } from '../ports';
import { segmentOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { query: contract.query },
  {
    handle: ({ path, query }) => getSegment(ports, segmentOf(path), query),
  },
);
