import * as contract from './contract';
import { PutBlob as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { etag, ifMatch, reply } from '../../core/http/reply';
import { invalid, serviceApi } from '../../core/http/service-api';
import { putBlob } from '../domain/blobs';
import { profilePorts } from '../ports';

const ports = profilePorts();

/** Zod leaves this name out of an object, and says nothing: it would not be stored as it was sent. */
const NEVER_THERE = '__proto__';

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  { body: contract.body },
  {
    handle: async ({ request, body }) => {
      if (request.body.kind === 'json' && Object.hasOwn(request.body.value as object, NEVER_THERE)) {
        throw invalid('body', `has the name ${NEVER_THERE}`);
      }
      const { view, created, tag } = await putBlob(ports, body, ifMatch(request));
      return reply(view, { status: created ? 201 : 200, etag: etag(tag) });
    },
  },
);
