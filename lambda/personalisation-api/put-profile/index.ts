import * as contract from './contract';
import { PutProfile as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { etag, ifMatch, reply } from '../../core/http/reply';
import { serviceApi } from '../../core/http/service-api';
import { putProfile } from '../domain/profiles';
import { profilePorts } from '../ports';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  {
    handle: async ({ request, body }) => {
      const { view, created, tag } = await putProfile(ports, body, ifMatch(request));
      return reply(view, { status: created ? 201 : 200, etag: etag(tag) });
    },
  },
);
