import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The projects of jest: a test that is in none is never run, one that is in two is run twice. Browser tests, the
 * calls of a deployed API and what needs OpenSearch or Velocity have settings of their own.
 */

const project = resolve(__dirname, '..');

interface Project {
  readonly displayName: string;
  readonly testMatch: readonly string[];
}

const { projects } = JSON.parse(readFileSync(join(project, 'jest.config.json'), 'utf8')) as { projects: Project[] };

/** What jest would run, with or without a choice of projects. */
function listed(...choice: string[]): string[] {
  const jest = require.resolve('jest/bin/jest');
  const printed = execFileSync(process.execPath, [jest, '--listTests', '--json', ...choice], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(printed) as string[];
}

test('every test of the repository is in one project', () => {
  const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.test.ts'], {
    cwd: project,
    encoding: 'utf8',
  });
  const written = tracked
    .split('\n')
    .filter((file) => file !== '' && !/^test\/(browser|deploy|opensearch|velocity)\//.test(file));
  const run = projects.flatMap(({ displayName }) => listed('--selectProjects', displayName));
  expect(run.map((file) => file.slice(project.length + 1)).sort()).toEqual(written.sort());
}, 120_000);
