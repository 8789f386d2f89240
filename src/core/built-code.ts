import { createHash } from 'crypto';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'fs';
import * as path from 'path';
import { Stage } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { failure } from './checks';

/** The package's folder of built functions: two levels up from `lib/core` and from `src/core` alike. */
const ASSETS = path.join(__dirname, '..', '..', 'assets');

/** Files that are put beside the code of a function when the app is synthesized, by name. @internal */
export type CodeFiles = Readonly<Record<string, string>>;

/** Where the code of a function of this library is; a full path is one already. @internal */
export const codeDirectory = (code: string): string =>
  path.isAbsolute(code) ? code : path.join(ASSETS, ...code.split('/'));

let hashes: Readonly<Record<string, string>> | undefined;

/**
 * What identifies the code of one of the library's functions, reckoned from its files when they were built: CDK would
 * else read all of them at each synthesis. Undefined for code that is not the library's.
 */
function builtHash(directory: string): string | undefined {
  const file = path.join(ASSETS, 'hashes.json');
  hashes ??= existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {};
  return hashes[path.relative(ASSETS, directory).split(path.sep).join('/')];
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * The code of a function. CDK takes a folder by the hash that is given, which changes with the code and the files beside
 * it, and hashes what is not the library's itself. Files are put beside a copy of the code in the cloud assembly.
 *
 * @param code folder below `assets/`, or any by its full path
 * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_s3_assets.AssetOptions.html (assetHash)
 * @internal
 */
export function builtCode(scope: Construct, code: string, files?: CodeFiles): lambda.Code {
  const directory = codeDirectory(code);
  const hash = builtHash(directory);
  if (!files) {
    return lambda.Code.fromAsset(directory, { assetHash: hash });
  }
  const app = Stage.of(scope);
  if (!app) {
    throw failure('a function must be in an app or a stage', scope);
  }
  const made = path.join(app.assetOutdir, '.functions', sha256(scope.node.path), path.basename(directory));
  cpSync(directory, made, { recursive: true });
  Object.entries(files).forEach(([name, content]) => writeFileSync(path.join(made, name), content));
  return lambda.Code.fromAsset(made, { assetHash: hash && sha256(JSON.stringify([hash, files])) });
}
