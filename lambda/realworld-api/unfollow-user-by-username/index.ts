import { UnfollowUserByUsername as facts } from '../../../src/realworld-api/contract';
import { api } from '../api';
import { setFollow } from '../domain/profiles';
import { profilePorts } from '../ports';
import * as contract from './contract';
import { endpoint } from '../../core/http/endpoint';

const ports = profilePorts();

export const handler = endpoint<typeof facts, typeof contract>(
  api,
  facts,
  {},
  {
    handle: ({ credentials, path }) => setFollow(ports, credentials, path.username, false),
  },
);
