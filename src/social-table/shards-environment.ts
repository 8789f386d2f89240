import { ISocialTable } from './i-social-table';

/**
 * What functions that write or read the table are told of its shards: nothing where there is one.
 *
 * @internal
 */
export const shardsEnvironment = ({ writeShards }: ISocialTable): Record<string, string> =>
  writeShards === 1 ? {} : { WRITE_SHARDS: String(writeShards) };
