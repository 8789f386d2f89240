import { readFileSync } from 'fs';
import * as path from 'path';

/** A JSON schema, draft 4. */
type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * The JSON schemas of the bodies of an API, by operation, as the build has written them beside its functions.
 *
 * @param api folder of the API's functions below `assets/`
 * @internal
 */
export function bodySchemas(api: string): Readonly<Record<string, JsonSchema | undefined>> {
  const file = path.join(__dirname, '..', '..', 'assets', api, 'bodies.json');
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, JsonSchema>;
}
