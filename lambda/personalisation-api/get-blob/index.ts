import * as contract from './contract';
import { GetBlob as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { etag, reply } from '../../core/http/reply';
import { serviceApi } from '../../core/http/service-api';
import { getBlob } from '../domain/blobs';
import { profilePorts } from '../ports';
import { idOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    handle: async ({ path }) => {
      const { data, version } = await getBlob(ports, idOf(path.id));
      return reply(data as { id: string }, { etag: etag(version) });
    },
  },
);
