import * as contract from './contract';
import { GetSegmentVersions as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getSegmentVersions } from '../domain/profiles';
import { profilePorts } from '../ports';
import { pageOf, segmentOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { query: contract.query },
  {
    handle: ({ path, query }) => getSegmentVersions(ports, segmentOf(path), pageOf(query)),
  },
);
