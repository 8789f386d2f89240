/** `npm run openapi`: writes the API documents into `openapi/`, from the schemas that validate. */
import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { apiDocuments } from './bundle';

const folder = path.join(__dirname, '..', 'openapi');

async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const [api, document] of Object.entries(await apiDocuments())) {
    const file = path.join(folder, `${api}.json`);
    writeFileSync(file, `${JSON.stringify(document, undefined, 2)}\n`);
    process.stdout.write(`wrote ${path.relative(process.cwd(), file)}\n`);
  }
}

void main();
