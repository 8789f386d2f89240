import * as contract from './contract';
import { GetBlobSegments as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getBlobSegments } from '../domain/blobs';
import { profilePorts } from '../ports';
import { idOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    handle: ({ path }) => getBlobSegments(ports, idOf(path.id)),
  },
);
