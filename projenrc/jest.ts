/** Types are checked by a task of its own. */
const SWC = {
  jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
};

/** Settings of jest that every project has. */
const COMMON = {
  // One for all, so that they share the cache of compiled files: jest would else compile each file once a project.
  id: 'cdk-social-backend',
  clearMocks: true,
  coveragePathIgnorePatterns: ['/node_modules/', '/test/', '/cdk.out/'],
  watchPathIgnorePatterns: ['/node_modules/', '/assets/', '/cdk.out/', '/coverage/'],
  // Packages that are ES modules only.
  transformIgnorePatterns: ['/node_modules/(?!(@middy|jose|uuid)/)'],
  transform: {
    '^.+\\.[jt]s$': ['@swc/jest', SWC],
    '\\.html$': '<rootDir>/test/html-transform.js',
  },
  setupFiles: ['<rootDir>/test/setup.js'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  moduleNameMapper: {
    '^cdk-social-backend$': '<rootDir>/src',
    '^cdk-social-backend/(http|openapi|secrets)$': '<rootDir>/lambda/http-service/runtime/$1',
    '^cdk-social-backend/event-sourcing$': '<rootDir>/lambda/event-sourced-api/runtime/event-sourcing',
    '^cdk-social-backend/feed$': '<rootDir>/lambda/feed-fanout/runtime/feed',
  },
};

/** Globs take `<rootDir>` at their beginning alone, so that what is left out is said as regular expressions. */
const ELSEWHERE = ['/node_modules/', '/cdk.out/', '<rootDir>/test/(browser|deploy|opensearch|velocity)/'];

/** One project a system, and three for what all of them stand on; each test is in one of them. */
export function jestProjects(systems: readonly string[]): object[] {
  const ofSystems = systems.flatMap((system) => [`<rootDir>/lambda/${system}`, `<rootDir>/test/(e2e/)?${system}`]);
  const of = (displayName: string, testMatch: readonly string[], testPathIgnorePatterns: readonly string[]) => ({
    displayName,
    testMatch,
    testPathIgnorePatterns: [...ELSEWHERE, ...testPathIgnorePatterns],
    ...COMMON,
  });
  return [
    of('core', ['<rootDir>/lambda/**/*.test.ts'], ofSystems),
    of('local', ['<rootDir>/local/**/*.test.ts'], []),
    of('constructs', ['<rootDir>/{test,scripts}/**/*.test.ts'], ofSystems),
    ...systems.map((system) => of(system, [`<rootDir>/{lambda,test,test/e2e}/${system}*{,/**/*}.test.ts`], [])),
  ];
}

/** Tests that need more than Node, with a command of their own each; the same settings otherwise. */
export function jestApart(folder: string, testTimeout: number): object {
  return {
    testMatch: [`<rootDir>/${folder}/**/*.test.ts`],
    testPathIgnorePatterns: ['/node_modules/'],
    ...COMMON,
    testTimeout,
    maxWorkers: 1,
  };
}
