import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { fullSystem } from '../../examples/full-system/system';

/**
 * What is synthesized, each in a process of its own, as the first argument says: the full example, or as many
 * `NodejsFunction`s as it has functions, of the sources of the library's functions, which are bundled then.
 */

/** Functions that a stack may have at most, so that it stays below 500 resources. */
const A_STACK = 40;

const [, , kind, given = '', count = '0'] = process.argv;

/** Entry files of functions, as many as are asked for. */
function entries(): string[] {
  const root = path.join(given, 'lambda');
  const folders = (directory: string) =>
    readdirSync(directory, { withFileTypes: true }).flatMap((each) => (each.isDirectory() ? [each.name] : []));
  const found = folders(root).flatMap((api) =>
    folders(path.join(root, api)).flatMap((name) =>
      readdirSync(path.join(root, api, name)).includes('index.ts') && api !== 'core'
        ? [path.join(root, api, name, 'index.ts')]
        : [],
    ),
  );
  return Array.from({ length: Number(count) }, (_, index) => found[index % found.length]);
}

function nodejsFunctions(app: App): void {
  let stack: Stack | undefined;
  entries().forEach((entry, index) => {
    if (index % A_STACK === 0) stack = new Stack(app, `Stack${index / A_STACK}`);
    if (!stack) throw new Error('there is no stack');
    new NodejsFunction(stack, `Function${index}`, {
      entry,
      projectRoot: given,
      depsLockFilePath: path.join(given, 'package-lock.json'),
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      // What these sources need to be bundled by anybody.
      bundling: { loader: { '.html': 'text' }, externalModules: ['./domain.js'], bundleAwsSDK: true, minify: true },
    });
  });
}

const app = new App();
if (kind === 'nodejs') nodejsFunctions(app);
else fullSystem(app);
app.synth();
