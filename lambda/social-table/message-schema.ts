import * as z from 'zod/mini';
import { SOCIAL_MESSAGES } from './messages';

/** The JSON Schema of all messages. Fields may be added to messages, so that it lets others pass. */
export function messageSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(z.union(Object.values(SOCIAL_MESSAGES)), { io: 'input' });
  return {
    $schema,
    title: 'Message to a consumer of a SocialTable',
    description: 'Ids alone: read the rest as it is by then. Messages come at least once and in any order.',
    ...schema,
  };
}
