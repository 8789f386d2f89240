import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { EventSourcedDomain } from '../../../src';

const PROJECT = join(__dirname, '..', '..', '..');

/** What a deployment brings: see test/fixtures/claim-views. */
export interface Build {
  readonly views: readonly ('claims' | 'claims-v2')[];
  readonly isMended: boolean;
}

/** Builds the domain of test/fixtures/claim-views, as a user does. @param folder where it is put */
export function buildDomain(folder: string, build: Build): EventSourcedDomain {
  buildSync({
    entryPoints: [join(PROJECT, 'test', 'fixtures', 'claim-views', 'index.ts')],
    outfile: join(folder, 'index.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    define: { BUILT: JSON.stringify(build) },
  });
  const schema = join(PROJECT, 'lambda', 'event-sourced-api', 'expense-claims', 'schema.graphql');
  copyFileSync(schema, join(folder, 'schema.graphql'));
  return EventSourcedDomain.fromDirectory(folder);
}
