import { readdirSync } from 'node:fs';

/**
 * Which way code may import: rules <- use cases <- repositories and handlers; what all share knows no API; an API knows
 * no other. An API is a folder of `lambda/` that is not named here, found when `npx projen` runs.
 */

interface Zone {
  readonly target: string | readonly string[];
  readonly from: string | readonly string[];
  readonly except?: readonly string[];
  readonly message: string;
}

/** What is shared, in `lambda/` and in `src/`, and what of it each may import. */
const SHARED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  'http-api': ['core'],
  'http-service': ['core', 'http-api'],
  'rest-api': ['core'],
  'social-table': ['core'],
  // Sessions end with the generation that the profile has.
  auth: ['core', 'social-table'],
  'feed-fanout': ['core', 'social-table'],
  'search-index-pipeline': ['core', 'social-table'],
};

/** Files of src/ that are facts: no package, no other file but facts. The functions read them too. */
const FACTS = [
  'src/*/*contract.ts',
  'src/*/*key-prefixes.ts',
  'src/core/endpoint.ts',
  'src/social-table/event-sources.ts',
  'src/social-table/social-event.ts',
];
const facts = FACTS.map((file) => `**/${file}`);

const folders = (root: string): string[] =>
  readdirSync(root, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? entry.name : []));

/** Folders of `root` that are a shared piece. */
const shared = (root: string): string[] => folders(root).filter((name) => name in SHARED);

/** Folders of `root` that are no shared piece. */
const apis = (root: string): string[] => folders(root).filter((name) => !(name in SHARED));

/** What a folder of `root` stands on: of what is shared, an API on all. */
const under = (root: string, name: string): string[] =>
  shared(root).filter((other) => (SHARED[name] ?? Object.keys(SHARED)).includes(other));

/** A folder, below `root`, imports itself and what it stands on. */
function layer(root: string, name: string): Zone {
  const allowed = [name, ...under(root, name)];
  return {
    target: `./${root}/${name}`,
    from: `./${root}`,
    except: allowed.map((folder) => `./${folder}`),
    message: `${root}/${name} imports ${['itself', ...under(root, name)].join(', ')} and nothing else of ${root}.`,
  };
}

const layers = (root: string): Zone[] => [...shared(root), ...apis(root)].map((name) => layer(root, name));

function zones(): Zone[] {
  return [
    ...layers('lambda'),
    ...layers('src'),
    ...[...shared('lambda'), ...apis('lambda')].map((name) => ({
      target: `./lambda/${name}`,
      from: './src/**',
      // Its own, those of what it stands on, and what is core to all constructs.
      except: [`**/src/@(${[name, ...under('lambda', name), 'core'].join('|')})/**`],
      message: `lambda/${name} knows the facts of its own construct and of what it stands on.`,
    })),
    {
      target: './lambda',
      from: './src/**',
      except: facts,
      message: 'Functions import of src/ only files of facts, which import nothing: projenrc/lint.ts names them.',
    },
    { target: FACTS.map((file) => `./${file}`), from: './src/**', except: facts, message: 'Facts import only facts.' },
    {
      target: './examples/*/lambda/**',
      from: ['./src/**', ...apis('lambda').map((name) => `./lambda/${name}/**`), './examples/*/*.ts'],
      except: [...facts, '**/examples/*/contract.ts'],
      message: 'The functions of an API in an example import what all share, and facts.',
    },
    {
      target: ['./lambda', './examples/*/lambda/**'],
      from: ['./lambda/!(core)/*/index.ts', './examples/*/lambda/*/index.ts'],
      message: 'A handler is where things end: nothing imports it.',
    },
    {
      target: ['./lambda/*/repository/**', './lambda/**/repository.ts'],
      from: ['./lambda/*/{ports,api,contracts,openapi}.ts', './lambda/*/*/contract.ts'],
      message: 'A repository is called by use cases, not the other way.',
    },
    {
      target: ['./lambda/*/domain/**', './lambda/**/use-case.ts'],
      from: [
        './lambda/*/repository/**',
        './lambda/**/repository.ts',
        './lambda/*/{ports,api,contracts,openapi}.ts',
        './lambda/*/*/contract.ts',
        './lambda/*/*keys.ts',
        './lambda/*/*entities.ts',
        './lambda/core/{dynamodb,http,docs,openapi}/**',
        './lambda/core/*clients.ts',
      ],
      message: 'Rules and use cases import no keys, no clients and nothing of HTTP: their ports say what they need.',
    },
    {
      target: './src',
      from: ['./lambda', './local', './test', './examples', './scripts', './bench'],
      message: 'Constructs are compiled and published alone.',
    },
    {
      target: './lambda',
      from: ['./local', './test', './examples', './scripts', './bench'],
      message: 'Functions import what is bundled into them.',
    },
    {
      target: './local',
      from: ['./src', './lambda', './test', './examples', './scripts', './bench'],
      message: 'The runner is published and knows templates, not this library.',
    },
    {
      target: './local/aws',
      from: './local',
      except: ['./aws', './types.ts', './http'],
      message: 'local/aws is the protocol: it imports no service.',
    },
  ];
}

/** Rules of eslint, and what of them is for some files alone. */
export function lintRules(): { rules: Record<string, unknown>; overrides: { files: string[]; rules: object }[] } {
  return {
    rules: {
      'import/no-restricted-paths': ['error', { zones: zones() }],
    },
    overrides: [
      {
        files: FACTS,
        rules: {
          'no-restricted-imports': ['error', { patterns: [{ regex: '^[^.]', message: 'Facts import no package.' }] }],
        },
      },
      {
        files: ['lambda/*/domain/**', 'lambda/**/use-case.ts'],
        rules: {
          'no-restricted-imports': [
            'error',
            {
              patterns: [
                {
                  group: ['@aws-sdk/*', '@middy/*', '@aws-lambda-powertools/*'],
                  message: 'Rules and use cases import no SDK.',
                },
              ],
            },
          ],
        },
      },
      // Tests may use what is for tests, and look at both sides.
      {
        files: ['**/*.test.ts'],
        rules: { 'import/no-restricted-paths': 'off', 'no-restricted-imports': 'off' },
      },
    ],
  };
}

/** Settings of oxlint: what needs types; and no file imports itself by way of others, be it a type. */
export const OXLINT = {
  plugins: ['typescript', 'import'],
  categories: { correctness: 'off' },
  rules: {
    'typescript/no-floating-promises': 'error',
    'typescript/return-await': 'error',
    'import/no-cycle': ['error', { ignoreTypes: false }],
  },
  ignorePatterns: ['**/*.js', '**/*.d.ts', '**/cdk.out/**'],
};

/** Settings of knip: nothing is exported that no other file imports, and no file is imported by none. */
export const UNUSED = {
  entry: [
    // Run by browsers, and by a shell: bundled or started by their paths.
    'lambda/core/docs/sign-in-page.ts',
    'lambda/core/graphql-explorer/page.ts',
    'test/support/aws-cli.ts',
    'test/snippets/*.ts',
    // Built by the tests that deploy them.
    'test/fixtures/*/index.ts',
    'lambda/!(core)/*/index.ts',
    'examples/*/lambda/*/index.ts',
    // Read whole, as namespaces.
    '{lambda/*,examples/*/lambda}/*/contract.ts',
    // The bundler reads the documents of every API.
    '{lambda/*,examples/*/lambda}/openapi.ts',
    // What the functions of users' own services import.
    'lambda/*/runtime/*.ts',
    // Bundled as domains: the functions of an EventSourcedApi find them beside their code.
    'lambda/*/*/domain.ts',
    'local/cli/index.ts',
    '{scripts,bench}/*.ts',
    // Bundled, and run in processes of its own.
    'bench/synth/apps.ts',
    // Run by test-deploy.ts in processes of their own.
    'scripts/deploy/{keeper,several-stacks-app}.ts',
    'examples/*/{app,watch}.ts',
    '.projenrc.ts',
    '{test,lambda,local,scripts}/**/*.test.ts',
  ],
  project: ['{src,lambda,local,scripts,test,bench,examples,projenrc}/**/*.ts', '!**/*.d.ts'],
  // The name of a type in a signature that is exported.
  ignoreExportsUsedInFile: { interface: true, type: true },
};
