import { type Answer, answerOf, malformed } from './answer';
import { commandOf } from './input';
import { dynamoDb } from '../../core/aws-clients';
import { isBusy } from '../../core/busy';
import { requireEnv } from '../../core/env';
import { logError } from '../../core/logger';
import { DomainFault } from '../domain/fault';
import { type CommandPorts, handleCommand } from '../domain/handle-command';
import { MissingVersion } from '../domain/missing-version';
import { loadDomain } from '../load-domain';
import { clock, ids } from '../ports';
import { DynamoEventStore } from '../repository/event-store';

const domain = loadDomain();
const events = new DynamoEventStore({
  db: dynamoDb(),
  table: requireEnv('EVENT_TABLE'),
  aggregateType: domain.aggregate,
});
const ports: CommandPorts = { ...clock, ...ids, events };

/** Decides what a command comes to, and writes nothing: the templates do, in one transaction. */
export async function handler(event: unknown): Promise<Answer> {
  try {
    const command = commandOf(event);
    return 'field' in command ? malformed(command) : answerOf(command, await handleCommand(ports, domain, command));
  } catch (error) {
    await logError('command is not decided', error, {
      reason: error instanceof DomainFault || error instanceof MissingVersion ? error.message : undefined,
      ...placeOf(event),
    });
    if (isBusy(error)) {
      return { outcome: 'BUSY' };
    }
    // AppSync is told that it failed, and whoever asked not more.
    throw new Error('InternalError');
  }
}

/** Which command it was: its name and ids, where they are texts of a bounded length. */
function placeOf(event: unknown): Record<string, string> {
  const fields = (event ?? {}) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    ['command', 'id', 'commandId'].flatMap((name) => {
      const value = fields[name];
      return typeof value === 'string' && value.length <= 64 ? [[name, value]] : [];
    }),
  );
}
