import { entity } from './entity';

interface Note {
  readonly title: string;
}
const NOTE = entity<Note>()('Note', (owner: string, id: string) => ({ PK: `NOTES#${owner}`, SK: `NOTE#${id}` }));

test('a kind of item says its key, its type and what it holds, and reads it again', () => {
  const item = NOTE.item(['ada', '1'], { title: 'Notes on the engine' });
  expect(item).toEqual({ PK: 'NOTES#ada', SK: 'NOTE#1', entityType: 'Note', title: 'Notes on the engine' });
  expect(NOTE.key('ada', '1')).toEqual({ PK: 'NOTES#ada', SK: 'NOTE#1' });
  expect(NOTE.read(item).title).toBe('Notes on the engine');
});
