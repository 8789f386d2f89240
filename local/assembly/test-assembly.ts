import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';

/** An assembly synthesized for a test, in a folder that goes with `remove()`. */
export interface TestAssembly {
  readonly directory: string;
  remove(): void;
}

/**
 * Synthesizes an app in a temporary folder.
 *
 * @param define defines the app; `code(files)` writes a folder of Lambda code and gives its path
 */
export function synthesize(
  define: (app: App, code: (files: Readonly<Record<string, string>>) => string) => void,
): TestAssembly {
  const root = mkdtempSync(join(tmpdir(), 'test-assembly-'));
  const directory = join(root, 'cdk.out');
  // The CloudFormation validator takes seconds.
  process.env.CDK_VALIDATION = 'false';
  const app = new App({ outdir: directory, analyticsReporting: false });
  let folders = 0;
  define(app, (files) => {
    const folder = join(root, `code-${(folders += 1)}`);
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  });
  app.synth();
  return { directory, remove: () => rmSync(root, { recursive: true, force: true }) };
}
