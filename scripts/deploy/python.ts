import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import * as path from 'node:path';
import { runOrThrow, run } from './run';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
/** What the pinned versions need. */
const MIN_PYTHON_MINOR = 11;

/** @returns its version as `3.11.2` @throws Error where there is no Python 3, too old a one, or one without venv */
async function requirePython(): Promise<string> {
  const needed = `needs Python 3.${MIN_PYTHON_MINOR} or later as \`python3\` on the PATH, with venv and pip`;
  const probe = 'import venv, ensurepip, platform; print(platform.python_version())';
  const { status, stdout, printed } = await run('python3', ['-c', probe], { seconds: 30 }).catch(() => {
    throw new Error(`${needed}; there is none`);
  });
  if (status !== 0) throw new Error(`${needed}: ${printed.trim().split('\n').pop() ?? ''}`);
  const [major, minor] = stdout.trim().split('.').map(Number);
  if (major !== 3 || minor < MIN_PYTHON_MINOR) throw new Error(`${needed}; found ${stdout.trim()}`);
  return stdout.trim();
}

/**
 * A virtual environment with the pinned packages, made on first use in a cache of the person who runs this.
 *
 * @returns the path of its interpreter
 */
export async function pythonEnvironment(say: (line: string) => void): Promise<string> {
  const version = await requirePython();
  const requirements = readFileSync(REQUIREMENTS);
  const key = createHash('sha256').update(requirements).update(version).digest('hex').slice(0, 12);
  const caches = process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache');
  const folder = path.join(caches, 'cdk-social-backend', `deploy-python-${key}`);
  const python = path.join(folder, 'bin', 'python');
  const complete = path.join(folder, 'complete');
  if (existsSync(complete)) return python;

  say(`Installing the emulator and cfn-lint (about 250 MB) into ${folder}`);
  // An install that broke off is begun again.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(path.dirname(folder), { recursive: true });
  await runOrThrow('python3 -m venv', 'python3', ['-m', 'venv', folder], { seconds: 120 });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile'];
  await runOrThrow('pip install', python, [...pip, '--requirement', REQUIREMENTS], { seconds: 600 });
  writeFileSync(complete, '');
  return python;
}
