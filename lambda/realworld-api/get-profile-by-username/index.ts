import { GetProfileByUsername as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { getProfile } from '../domain/profiles';
import { profilePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials, path }) => getProfile(ports, credentials, path.username),
  },
);
