import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

type NoteItem = Record<string, AttributeValue>;

/** At first a note had its text in itself; now that is an item of its own, which lists do not read. */
function convert(item: NoteItem) {
  const { PK, SK, text, ...note } = unmarshall(item) as Record<string, unknown>;
  if (SK !== 'NOTE' || note.schemaVersion === 2) {
    return { PK, SK, action: 'keep' };
  }
  if (typeof text !== 'string') {
    return { PK, SK, action: 'fail', reason: 'Note has no text' };
  }
  return {
    PK,
    SK,
    action: 'replace',
    kind: 'Note 1 to 2',
    items: [marshall({ ...note, PK, SK, schemaVersion: 2 }), marshall({ PK, SK: 'TEXT', text })],
  };
}

export async function handler({ items }: { readonly items: readonly NoteItem[] }) {
  return { answers: items.map(convert) };
}
