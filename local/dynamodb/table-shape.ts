import { isObject } from '../assembly';
import { Json } from '../aws/protocol';

/** The objects of a list; an absent one is empty. */
export function objects(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];
}

/** Keys and indexes of a schema or a description, in one text that is equal for equal tables. */
export function shape(table: Json): string {
  const keys = (schema: unknown): readonly string[] =>
    objects(schema).map(({ AttributeName, KeyType }) => `${String(AttributeName)} ${String(KeyType)}`);
  const indexes = (list: unknown): readonly unknown[] =>
    objects(list)
      .map(({ IndexName, KeySchema, Projection }) => {
        const projection = isObject(Projection) ? Projection : {};
        const fields = Array.isArray(projection.NonKeyAttributes)
          ? [...(projection.NonKeyAttributes as string[])].sort()
          : [];
        return { name: String(IndexName), keys: keys(KeySchema), type: projection.ProjectionType, fields };
      })
      .sort((a, b) => a.name.localeCompare(b.name));
  const types = objects(table.AttributeDefinitions).map(
    (entry) => `${String(entry.AttributeName)} ${String(entry.AttributeType)}`,
  );
  return JSON.stringify([
    keys(table.KeySchema),
    types.sort(),
    indexes(table.GlobalSecondaryIndexes),
    indexes(table.LocalSecondaryIndexes),
  ]);
}
