import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { validated } from './support/assemblies';
import { inScope } from './support/scope';

/** What the CloudFormation validator of the CDK says of every example; of the full system, see full-system.test.ts. */

const examples = resolve(__dirname, '..', 'examples');
const names = readdirSync(examples, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() && entry.name !== 'full-system' ? entry.name : [],
);

interface Report {
  readonly pluginReports: readonly { readonly violations: readonly { readonly description: string }[] }[];
}

const VARIANTS: readonly [string, Readonly<Record<string, string>>][] = [
  ...names.map((name): [string, Record<string, string>] => [name, {}]),
  ['posts', { cache: 'true' }],
];

// What the full system has not: a service of one's own. The others it has in it.
test.each(inScope([['own-service', {}] as const], VARIANTS))(
  '%s with %j synthesizes without a finding',
  async (name, context) => {
    const outdir = mkdtempSync(join(tmpdir(), 'example-'));
    try {
      expect(await validated(name, context, outdir)).toBeUndefined();
      const { pluginReports } = JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8')) as Report;
      expect(pluginReports.flatMap(({ violations }) => violations.map(({ description }) => description))).toEqual([]);
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  },
);
