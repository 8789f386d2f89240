import * as contract from './contract';
import { PutBlob as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { etag, ifMatch, reply } from '../../core/http/reply';
import { serviceApi } from '../../core/http/service-api';
import { putBlob } from '../domain/blobs';
import { profilePorts } from '../ports';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  {
    handle: async ({ request, body }) => {
      const { view, created, tag } = await putBlob(ports, body, ifMatch(request));
      return reply(view, { status: created ? 201 : 200, etag: etag(tag) });
    },
  },
);
