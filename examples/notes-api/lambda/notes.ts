import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { dynamoDb } from '../../../lambda/core/aws-clients';
import { entity, NOT_THERE, putOf } from '../../../lambda/core/dynamodb';
import { requireEnv } from '../../../lambda/core/env';
import { NOTE_PREFIX } from '../contract';

/** A note. `createdAt` is ISO 8601 in UTC. */
export interface Note {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
}

const NOTE = entity<Note>()('Note', (id: string) => ({ PK: `${NOTE_PREFIX}${id}`, SK: 'NOTE' }));
const table = () => requireEnv('TABLE_NAME');

export async function putNote(note: Note): Promise<void> {
  await dynamoDb().send(new PutCommand(putOf(table(), NOTE.item([note.id], note), NOT_THERE)));
}

export async function getNote(id: string): Promise<Note | undefined> {
  const { Item } = await dynamoDb().send(
    new GetCommand({ TableName: table(), Key: NOTE.key(id), ConsistentRead: true }),
  );
  return Item && NOTE.read(Item);
}
