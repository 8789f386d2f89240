import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Plugin } from 'esbuild';
import { replacedFiles } from './replaced-files';

/** What of the AWS SDK no function uses: it is left out of their bundles, where it is a quarter of what they load. */

const CORE = path.join(__dirname, '..', 'lambda', 'core');

/** Packages, and what is in the place of each. */
export const UNUSED_OF_SDK: Readonly<Record<string, string>> = {
  // Clients are given Lambda's credentials (lambda/core/client-config.ts): the default chain is half of a bundle.
  '@aws-sdk/credential-provider-node': path.join(CORE, 'no-default-credentials.ts'),
  '@aws-sdk/endpoint-cache': path.join(CORE, 'no-endpoint-cache.ts'),
  '@smithy/core/event-streams': path.join(CORE, 'no-event-streams.ts'),
  // Of Node, for answers that are streams: none is, and Node loads them when they are first named.
  'node:stream/web': path.join(CORE, 'no-web-streams.ts'),
};

const unused = (name: string, what: string, method = 'constructor') =>
  `export class ${name} { ${method}() { throw new Error('${what}: functions are built without it'); } }`;

/** Files of the SDK, below `dist-es`, and what is in the place of each. */
const UNUSED_FILES: Readonly<Record<string, string>> = {
  // Settings in files of a developer's machine (`~/.aws/config`), which Lambda has not: every first call looks for them.
  // What the environment says holds, `AWS_ENDPOINT_URL_SQS` and the like.
  '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js': `
    export { CONFIG_PREFIX_SEPARATOR } from './constants';
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });
  `,
  // For a Node without OpenSSL.
  '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js': unused('Sha256Js', 'SHA-256 in JavaScript'),
  // Clients are made with standard retries (lambda/core/client-config.ts).
  '@smithy/core/dist-es/submodules/retry/util-retry/DefaultRateLimiter.js': unused(
    'DefaultRateLimiter',
    'Adaptive retries',
  ),
  // Signs messages of event streams, of which there are none.
  '@smithy/signature-v4/dist-es/HeaderFormatter.js': unused('HeaderFormatter', 'A signed event', 'format'),
};

/** The SDK without what is listed above. */
export const withoutUnusedFiles = replacedFiles('without-unused-files', UNUSED_FILES);

/** What packages read of their own `package.json`, and of others': the version that they tell services. */
export const versionsAlone: Plugin = {
  name: 'versions-alone',
  setup: ({ onLoad }) => {
    onLoad({ filter: /[\\/]node_modules[\\/].*package\.json$/ }, ({ path: file }) => {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name: string; version: string };
      return { contents: JSON.stringify({ name, version }), loader: 'json' };
    });
  },
};
