/**
 * The tests, in `npm test`: all of them, or those that the arguments choose (`npm test -- --selectProjects realworld`,
 * `npm test -- test/e2e`, `npm test -- --shard 1/3`).
 *
 * `npm run test:coverage` counts what runs of the code, and fails below the floor: without the tests of the whole
 * system, whose functions run in processes that are not counted. Counting doubles the time, so that it is apart.
 */
import { spawn } from 'node:child_process';

const WITHOUT_THE_WHOLE_SYSTEM = '^(?!.*\\btest/e2e/)';

const [first, ...others] = process.argv.slice(2);
const chosen = first === '--coverage' ? ['--coverage', WITHOUT_THE_WHOLE_SYSTEM, ...others] : process.argv.slice(2);
const child = spawn(process.execPath, [require.resolve('jest/bin/jest'), '--ci', ...chosen], { stdio: 'inherit' });
child.once('close', (code) => process.exit(code ?? 1));
