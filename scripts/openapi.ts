/** `npm run openapi`: writes the API documents into `openapi/`, from the schemas that validate. */
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { openApiDocument } from '../lambda/realworld-api/openapi';

const folder = path.join(__dirname, '..', 'openapi');
mkdirSync(folder, { recursive: true });
const file = path.join(folder, 'realworld-api.json');
writeFileSync(file, `${JSON.stringify(openApiDocument(), undefined, 2)}\n`);
process.stdout.write(`wrote ${path.relative(process.cwd(), file)}\n`);
