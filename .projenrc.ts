import { awscdk, javascript, JsonFile } from 'projen';
import { jestApart, jestProjects } from './projenrc/jest';
import { lintRules, OXLINT, UNUSED } from './projenrc/lint';

/** What has tests of its own, by the beginning of the names of its folders and files: the one list of systems. */
const SYSTEMS = [
  'social-table',
  'feed-fanout',
  'realworld',
  'posts',
  'search-index-pipeline',
  'notes-api',
  'personalisation',
  'items',
  'event-sourced',
];

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-social-backend',
  description:
    'High-level AWS CDK constructs for social back ends: RealWorld and posts APIs, single-table DynamoDB, feed fan-out, search.',
  author: 'cdk-social-backend contributors',
  authorAddress: 'cdk-social-backend@users.noreply.github.com',
  authorOrganization: true,
  repositoryUrl: 'https://github.com/cdk-social-backend/cdk-social-backend.git',
  license: 'Apache-2.0',
  copyrightOwner: 'cdk-social-backend contributors',
  stability: 'experimental',
  keywords: ['aws', 'cdk', 'constructs', 'dynamodb', 'realworld', 'social', 'serverless'],

  defaultReleaseBranch: 'main',
  peerDependencyOptions: { pinnedDevDependency: false },
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  sampleCode: false,
  minNodeVersion: '20.16.0',
  workflowNodeVersion: '22',
  cdkVersion: '2.258.0',
  constructsVersion: '10.5.1',
  jsiiVersion: '~6.0.0',
  typescriptVersion: '~6.0.3',

  // The functions are bundled before publishing, by scripts/bundle.ts: projen's discovery would compile handlers
  // with jsii, which refuses the ESM-only packages they use.
  lambdaAutoDiscover: false,
  lambdaExtensionAutoDiscover: false,
  edgeLambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  experimentalIntegRunner: false,

  // commit-and-tag-version 13 needs a newer Node than the floor.
  bumpPackage: 'commit-and-tag-version@^12',

  prettier: true,
  prettierOptions: {
    settings: { printWidth: 120, singleQuote: true, trailingComma: javascript.TrailingComma.ALL },
  },
  eslintOptions: {
    dirs: ['src', 'lambda', 'local', 'scripts'],
    devdirs: ['test', 'examples', 'bench'],
    prettier: true,
    // Formatting is most of it: what has not changed is not formatted again. `npm ci` takes the cache away.
    commandOptions: {
      extraArgs: ['--cache', '--cache-strategy=content', '--cache-location=node_modules/.cache/eslint/'],
    },
  },

  // Composes and checks the schemas of AppSync APIs at synth: in the package, so that users need nothing.
  bundledDeps: ['graphql@^16.11.0'],

  devDeps: [
    '@aws-sdk/client-api-gateway@^3.1142.0',
    '@aws-sdk/client-cognito-identity-provider@^3.1169.0',
    '@aws-sdk/client-dynamodb@^3.1162.0',
    '@aws-sdk/client-dynamodb-streams@^3.1141.0',
    '@aws-sdk/client-lambda@^3.1162.0',
    '@aws-sdk/client-secrets-manager@^3.1162.0',
    '@aws-sdk/client-sqs@^3.1162.0',
    '@aws-sdk/lib-dynamodb@^3.1162.0',
    '@aws-sdk/util-dynamodb@^3.996.0',
    '@cdk-social-backend/local-engine@file:local/engine',
    '@commitlint/cli@^20',
    '@commitlint/config-conventional@^20',
    '@middy/core@^6.4.5',
    '@middy/http-json-body-parser@^6.4.5',
    '@opensearch-project/opensearch@^3.9.0',
    '@smithy/signature-v4@^5.7.5',
    // Exact, as oxlint below: the newest that is published for all platforms, which a lock file has to name.
    '@swc/core@1.16.18',
    '@swc/jest@^0.2.39',
    '@types/aws-lambda',
    '@types/node@^20',
    '@types/ws@^8',
    'ajv@^8.20.0',
    'ajv-draft-04@^1.0.0',
    'amplify-velocity-template@^1.4.17',
    'aws-cdk@^2.1148.0',
    'aws-jwt-verify@^5.2.1',
    'aws-sdk-client-mock',
    'cdk-nag@^3.0.2',
    'cdk-nag-2@npm:cdk-nag@^2',
    'cognito-srp-helper@^2.3.4',
    'esbuild@^0.28.0',
    // The newest with React as a package of its own beside it; built into the explorer of the local runner.
    'graphiql@^3.9.0',
    'hash-wasm@^4.12.0',
    'husky@^9',
    'jose@^6',
    'knip@^5',
    'lint-staged@^16',
    'minisearch@^7.2.0',
    'oxlint@1.89.0',
    'oxlint-tsgolint@7.0.2004',
    'playwright-core@^1.60.0',
    'react@^18.3.1',
    'react-dom@^18.3.1',
    'swagger-ui-dist@^5',
    'tsx@^4',
    // Type-checks all in a fifth of the time; jsii compiles with its own.
    'typescript-7@npm:typescript@^7.0.2',
    'uuid@^11.1.0',
    'ws@^8.18.0',
    'yaml@^2.9.1',
    '@aws-lambda-powertools/logger@^2.36.0',
    'zod@^4.6.0',
    'zod-openapi@^5',
  ],

  jestOptions: {
    // A snapshot changes by `npx jest -u` and a reader, never by a build.
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    configFilePath: 'jest.config.json',
    junitReporting: false,
    coverageText: false,
    jestConfig: {
      // The functions that run in the end-to-end tests run in processes of their own and are not counted.
      collectCoverageFrom: ['src/**/*.ts', 'lambda/**/*.ts', 'local/**/*.ts', '!**/*.d.ts', '!**/*.test.ts'],
      coverageReporters: ['text-summary', 'lcov'],
      // Tests of the running system wait as well as compute: one more than the cores of the smallest machine.
      maxWorkers: 3,
      testSequencer: '<rootDir>/test/sequencer.js',
      testTimeout: 60_000,
    },
  },

  npmignoreEnabled: false,
  gitignore: [
    '/assets/',
    '/examples/*/assets/',
    '/examples/*/.env.*',
    '!/examples/*/.env.example',
    'cdk.out/',
    '/.local-data/',
    '.DS_Store',
  ],
});

// `npm test -- --selectProjects realworld`; what is said of files for each alone is not said for all.
const { jest } = project;
for (const ofFiles of [
  'testMatch',
  'transform',
  'testPathIgnorePatterns',
  'coveragePathIgnorePatterns',
  'clearMocks',
]) {
  delete jest!.config[ofFiles];
}
jest!.config.projects = jestProjects(SYSTEMS);
new JsonFile(project, 'jest.browser.config.json', { obj: jestApart('test/browser', 60_000), marker: false });
new JsonFile(project, 'jest.deploy.config.json', { obj: jestApart('test/deploy', 90_000), marker: false });
new JsonFile(project, 'jest.opensearch.config.json', { obj: jestApart('test/opensearch', 90_000), marker: false });
new JsonFile(project, 'jest.velocity.config.json', { obj: jestApart('test/velocity', 60_000), marker: false });
// Counted in `npm run test:coverage` alone: it doubles the time.
jest!.config.collectCoverage = false;

// A floor for all of it, and one for the Lambda code alone, which projen's own type cannot say.
jest!.config.coverageThreshold = {
  global: { statements: 88, branches: 84, functions: 88, lines: 88 },
  './lambda/': { statements: 85, branches: 84, functions: 85, lines: 85 },
};

// What is published, by name: a file that nobody thought of stays at home. npm adds package.json, README.md and LICENSE.
project.addFields({
  files: ['.jsii', 'API.md', 'SECURITY.md', 'assets', 'docs/*.md', 'docs/*.svg', 'lib/**/*.js', 'lib/**/*.d.ts'],
});
// 1.13.0 names builds for platforms that were never published, and `npm ci` refuses a lock file without them.
const overrides = {
  'unrs-resolver': '1.12.2',
  // An optional peer that is not used, in another version at the root: npm 10 writes it into the lock file, npm 11 out.
  '@conventional-changelog/git-client': { 'conventional-commits-filter': '3.0.0' },
};
project.addFields({ overrides });
// Swagger UI's package would report that it was installed.
project.addFields({ scarfSettings: { enabled: false } });
// The constructs, and what the functions of users' own services are made of: in one package, so that they fit.
const runtime = (name: string, owner = 'http-service') => ({
  types: `./assets/runtime/types/lambda/${owner}/runtime/${name}.d.ts`,
  default: `./assets/runtime/${name}.cjs`,
});
const RUNTIME = {
  './http': runtime('http'),
  './openapi': runtime('openapi'),
  './secrets': runtime('secrets'),
  './event-sourcing': runtime('event-sourcing', 'event-sourced-api'),
  './feed': runtime('feed', 'feed-fanout'),
};
project.addFields({
  exports: {
    '.': { types: './lib/index.d.ts', default: './lib/index.js' },
    ...RUNTIME,
    './.jsii': './.jsii',
    './package.json': './package.json',
    './assets/*': './assets/*',
    './lib/*': './lib/*',
  },
  // For compilers that resolve as old Node does.
  typesVersions: {
    '*': Object.fromEntries(Object.entries(RUNTIME).map(([name, { types }]) => [name.slice(2), [types]])),
  },
});
project.addFields({ bin: { 'cdk-social-backend': 'assets/cli/index.js' } });

// The floor is what peers may have; what is developed with is newer, for its CloudFormation validator.
project.addDevDeps('aws-cdk-lib@2.276.0', 'constructs@10.5.1');

// Everything that jsii does not compile is type-checked as strictly.
const strict = {
  compilerOptions: {
    target: 'ES2022',
    lib: ['es2024', 'dom'],
    module: 'ESNext',
    moduleResolution: 'Bundler',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    isolatedModules: true,
    noImplicitOverride: true,
    noFallthroughCasesInSwitch: true,
    noImplicitReturns: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    resolveJsonModule: true,
    // Scripts that a browser or another process runs as they are.
    allowJs: true,
    checkJs: true,
    types: ['node', 'jest', 'aws-lambda'],
    paths: {
      'cdk-social-backend': ['./src'],
      'cdk-social-backend/event-sourcing': ['./lambda/event-sourced-api/runtime/event-sourcing'],
      'cdk-social-backend/feed': ['./lambda/feed-fanout/runtime/feed'],
      'cdk-social-backend/*': ['./lambda/http-service/runtime/*'],
    },
  },
  include: [
    ...['src', 'lambda', 'local', 'test', 'examples', 'bench', 'scripts'].map((dir) => `${dir}/**/*.ts`),
    'local/**/*.js',
  ],
  exclude: ['node_modules', '**/cdk.out'],
};
new JsonFile(project, 'tsconfig.dev.json', { obj: strict });
// Where editors and the linter look for the settings of a folder.
for (const dir of ['lambda', 'local', 'examples', 'scripts', 'bench']) {
  new JsonFile(project, `${dir}/tsconfig.json`, {
    obj: { extends: '../tsconfig.dev.json', include: ['**/*.ts'], exclude: ['**/cdk.out'] },
  });
}

// Bundled or run from here, never installed with the package.
for (const dir of ['lambda', 'local', 'scripts']) {
  project.eslint?.allowDevDeps(`${dir}/**`);
}

// Examples and snippets import the library by the name its users do; tsconfig.dev.json says where it is.
project.eslint?.addOverride({
  files: ['examples/**', 'test/snippets/**'],
  rules: {
    'import/no-unresolved': [
      'error',
      { ignore: ['^cdk-social-backend(/http|/openapi|/secrets|/event-sourcing|/feed)?$'] },
    ],
  },
});

// The library by its name is a package like others, whether or not it is built: built, it would resolve to this folder.
project.eslint?.addRules({
  'import/order': [
    'warn',
    {
      groups: ['builtin', 'external'],
      alphabetize: { order: 'asc', caseInsensitive: true },
      pathGroups: [{ pattern: 'cdk-social-backend{,/**}', group: 'external' }],
      pathGroupsExcludedImportTypes: [],
    },
  ],
});

// Rules that need types are oxlint's, whose compiler is not written in JavaScript: ESLint took half a minute more.
const eslint = project.eslint!;
delete eslint.config.parserOptions.projectService;
for (const typed of ['@typescript-eslint/no-floating-promises', '@typescript-eslint/return-await']) {
  delete eslint.rules[typed];
}
const { rules, overrides: ofSomeFiles } = lintRules();
project.eslint?.addRules(rules);
for (const override of ofSomeFiles) project.eslint?.addOverride(override);

const bundle = project.addTask('bundle', {
  description: 'Build the functions and the local runner into assets/',
  exec: 'tsx scripts/bundle.ts',
});
project.preCompileTask.spawn(bundle);
const typecheck = project.addTask('typecheck', {
  description: 'Type-check everything that jsii does not compile',
  exec: 'node node_modules/typescript-7/bin/tsc --noEmit -p tsconfig.dev.json',
});
const script = (name: string, description: string, exec: string) =>
  project.addTask(name, { description, exec, receiveArgs: true });

const CODE = ['src', 'lambda', 'local', 'scripts', 'test', 'examples', 'bench', 'projenrc'];
new JsonFile(project, '.oxlintrc.json', { obj: OXLINT, marker: false });
new JsonFile(project, 'knip.json', { obj: UNUSED, marker: false });
const typed = project.addTask('lint:types', {
  description: 'Promises that nobody awaits, and files that import themselves by way of others',
  exec: `oxlint --type-aware --tsconfig tsconfig.dev.json ${CODE.join(' ')}`,
});
const unused = project.addTask('lint:unused', {
  description: 'Exports and files that nothing imports',
  exec: 'knip --include files,exports,types,duplicates',
});
const lint = [project.tasks.tryFind('eslint')!, typed, unused];
project.addTask('lint', {
  description: 'Lint and format everything, and look for what nothing imports; a commit lints what it changes',
  steps: lint.map(({ name }) => ({ spawn: name })),
});
// `npm test` works on a fresh clone: it builds what the tests need.
project.testTask.reset();
project.testTask.spawn(bundle);
const checks = [typecheck, project.compileTask];
project.testTask.exec(`tsx scripts/side-by-side.ts ${checks.map(({ name }) => name).join(' ')}`);
// `npm test -- --selectProjects realworld`, `npm test -- test/e2e`, `npm test -- --shard 1/3`
project.testTask.exec('jest --ci', { receiveArgs: true });

project.addTask('test:whole', {
  description: 'The tests of which npm test takes a sample, with every seed, row and example',
  env: { TEST_SCOPE: 'whole' },
  steps: [{ spawn: bundle.name }, { exec: 'jest --ci --findRelatedTests test/support/scope.ts', receiveArgs: true }],
});
project.addTask('test:coverage', {
  description: 'Tests, with a floor for what of the code they run',
  // Without the tests of the whole system: their functions run in processes that are not counted. On a busy machine a
  // worker that has counted, and has nothing left to do, takes longer to give its memory back than the half second after
  // which jest ends it by force and speaks of a leak; `npm test` keeps that bound.
  steps: [
    { spawn: bundle.name },
    { exec: "jest --ci --coverage --workerGracefulExitTimeout=5000 '^(?!.*test/e2e/)'", receiveArgs: true },
  ],
});
script('openapi', 'Write the API documents into openapi/', 'tsx scripts/openapi.ts');
script(
  'test:dynamodb-local',
  "End-to-end tests on AWS's DynamoDB Local; needs Java 17",
  'tsx scripts/test-dynamodb-local.ts',
);
script(
  'test:opensearch',
  'Tests on a real OpenSearch: of OPENSEARCH_URL, or from Maven Central, which needs Java 11',
  'tsx scripts/test-opensearch.ts',
);
script(
  'test:deploy',
  "Deploys the minimal example with the CDK's CLI to an emulator and calls every endpoint; needs Python 3.11",
  'tsx scripts/test-deploy.ts',
);
project.addTask('costs', {
  description: 'Count what requests cost, and write docs/costs.md',
  env: { COSTS: 'write' },
  steps: [
    { spawn: 'bundle' },
    {
      exec: `jest --coverage=false ${['realworld-budgets', 'posts-budgets', 'personalisation-budgets', 'items-page', 'event-sourced-budgets'].map((name) => `test/e2e/${name}.test.ts`).join(' ')}`,
    },
  ],
});
project.addTask('fuzz:search', {
  description: 'Ten thousand runs of changes of a table, brought into an index under faults',
  env: { FUZZ_RUNS: '10000' },
  steps: [{ exec: 'jest --testTimeout 1200000 lambda/search-index-pipeline/.*/fuzz.test.ts' }],
});
script(
  'simulate:feed',
  'A hundred thousand runs of the fan-out as it is shipped, under faults, each checked against the graph',
  'tsx scripts/simulate-feed.ts',
);
script(
  'bench:feed',
  'What delivering to 100,000 followers takes, beside a bare loop, on DynamoDB Local; needs Java 17',
  'tsx bench/feed.ts',
);
script(
  'bench',
  'Measure costs and speed, or one part of it by its name, and write bench/results.json and docs/benchmarks.md',
  'tsx bench/index.ts',
);
script(
  'model:feed',
  'Compute what feeds of a hundred million users take, and write it into docs/feed.md',
  'tsx bench/feed-model.ts',
);
project.addTask('test:velocity', {
  description:
    "Mapping templates by Apache Velocity and by the local runner; needs Java 17 and Debian's package velocity",
  steps: [{ spawn: bundle.name }, { exec: 'jest --config jest.velocity.config.json', receiveArgs: true }],
});
script('test:browser', 'Browser tests; need Chromium (CHROME_PATH)', 'jest --config jest.browser.config.json');
for (const verb of ['deploy', 'destroy']) {
  project.addTask(verb, {
    description: `${verb === 'deploy' ? 'Deploy' : 'Destroy'} the full system; needs AWS credentials`,
    steps: [{ spawn: 'bundle' }, { exec: `cdk ${verb} --all`, cwd: 'examples/full-system', receiveArgs: true }],
  });
}
// Not through projen: Ctrl-C reaches it alone, and it stops everything that it started.
project.package.setScript('start', 'node --import tsx scripts/start.ts');
project.package.setScript('prepare', 'husky || true');

project.deps.removeDependency('ts-jest');

project.addFields({
  'lint-staged': { '*.ts': 'eslint --fix' },
});
new JsonFile(project, '.commitlintrc.json', {
  marker: false,
  obj: { extends: ['@commitlint/config-conventional'] },
});

project.synth();
