import * as contract from './contract';
import { DeleteBlob as facts } from '../../../src/personalisation-api/contract';
import { endpoint } from '../../core/http/endpoint';
import { ifMatch } from '../../core/http/reply';
import { serviceApi } from '../../core/http/service-api';
import { deleteBlob } from '../domain/blobs';
import { profilePorts } from '../ports';
import { idOf } from '../schemas/input';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  serviceApi,
  facts,
  {},
  {
    handle: ({ request, path }) => deleteBlob(ports, idOf(path.id), ifMatch(request)),
  },
);
