import * as contract from './contract';
import { GetTags as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { serviceApi } from '../../core/http/service-api';
import { getTags } from '../domain/profiles';
import { profilePorts } from '../ports';
import { idOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    handle: ({ path }) => getTags(ports, idOf(path.id)),
  },
);
