import * as z from 'zod/mini';

/**
 * What the gateway's validator cannot read as these schemas mean it, or need not know: patterns are of JavaScript, with
 * classes of Unicode that it does not have. The functions check them.
 */
const LEFT_OUT = new Set(['$schema', 'format', 'pattern', 'allOf']);

function plain(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(plain);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  return Object.fromEntries(
    Object.entries(schema).flatMap(([keyword, value]) => {
      if (keyword === 'properties') {
        const properties = Object.entries(value as object).map(([name, property]) => [name, plain(property)]);
        return [[keyword, Object.fromEntries(properties)]];
      }
      return LEFT_OUT.has(keyword) ? [] : [[keyword, plain(value)]];
    }),
  );
}

/**
 * JSON schemas, draft 4, of the bodies that endpoints take, by operation: what a gateway refuses before a function is
 * called. They let everything pass that the schemas of the contracts let pass, and more.
 */
export function bodySchemasOf(contracts: Readonly<Record<string, object>>) {
  return Object.fromEntries(
    Object.entries(contracts).flatMap(([operation, contract]): [string, unknown][] => {
      const { body } = contract as { readonly body?: z.ZodMiniType };
      // Without what was said of the schemas for API documents: examples and names of components.
      const options = { target: 'draft-4', io: 'input', metadata: z.registry<{ id?: string }>() } as const;
      return body ? [[operation, plain(z.toJSONSchema(body, options))]] : [];
    }),
  );
}
