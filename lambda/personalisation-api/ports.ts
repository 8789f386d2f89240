import { dynamoDb } from '../core/aws-clients';
import { newId } from '../core/ids';
import type { ProfilePorts } from './domain/profiles';
import { DynamoProfilesRepo } from './repository/profiles-repo';

/** What handlers give to use cases, made once a sandbox. */

const now = () => Date.now();

/** `DYNAMO_ENDPOINT` is another DynamoDB than that of the region; the table is `user_profiles` unless `TABLE_NAME` says another. */
export const profilePorts = (): ProfilePorts => ({
  profiles: new DynamoProfilesRepo({
    db: dynamoDb(process.env.DYNAMO_ENDPOINT),
    table: process.env.TABLE_NAME ?? 'user_profiles',
    now,
    newVersion: newId,
  }),
  now,
  newId,
});
