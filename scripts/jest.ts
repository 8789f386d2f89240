/**
 * The tests, in `npm test`: all of them, with the floor of coverage, or those that the arguments choose, without it
 * (`npm test -- --selectProjects realworld`, `npm test -- test/e2e`, `npm test -- --shard 1/3`).
 */
import { spawn } from 'node:child_process';

const chosen = process.argv.slice(2);
const jest = require.resolve('jest/bin/jest');
const child = spawn(process.execPath, [jest, '--ci', ...(chosen.length === 0 ? ['--coverage'] : chosen)], {
  stdio: 'inherit',
});
child.once('close', (code) => process.exit(code ?? 1));
