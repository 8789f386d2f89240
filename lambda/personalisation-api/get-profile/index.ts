import * as contract from './contract';
import { GetProfile as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { etag, reply } from '../../core/http/reply';
import { serviceApi } from '../../core/http/service-api';
import { getAllVersions, getProfile } from '../domain/profiles';
import { profilePorts } from '../ports';
import { idOf, pageOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { query: contract.query },
  {
    handle: async ({ path, query }) => {
      if (query.versions === 'all') {
        return getAllVersions(ports, idOf(path.id), pageOf(query));
      }
      const { view, tag } = await getProfile(ports, idOf(path.id));
      return reply(view, { etag: etag(tag) });
    },
  },
);
