import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import * as path from 'node:path';
import { endGroup, runOrThrow, lastLines } from './run';

/** MiniStack, running. */
export interface Emulator {
  /** `https://127.0.0.1:41234` */
  readonly endpoint: string;
  /** What a client of it has in its environment: the endpoint, the region, the account's credentials, whom to trust. */
  readonly clientEnv: NodeJS.ProcessEnv;
  /** The end of what it printed. */
  log(): string;
  stop(): Promise<void>;
}

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
/** Stands for the account's root there; the functions get the credentials of their roles. */
const ROOT_KEY = 'test';

/** Nothing of the environment but this: no proxies, no profiles, no certificates, no settings of the emulator. */
export function cleanEnv(folder: string): NodeJS.ProcessEnv {
  return {
    // Functions run on the Node that runs this.
    PATH: [path.dirname(process.execPath), process.env.PATH].join(path.delimiter),
    HOME: folder,
    TMPDIR: folder,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    // Nothing of Python's beside its sources here.
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** @returns whether something answers 200 there */
function answers(url: string, certificate: string): Promise<boolean> {
  return new Promise((resolve) => {
    const call = request(url, { ca: readFileSync(certificate), timeout: 2000, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(false));
    call.end();
  });
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Starts MiniStack on a free port of 127.0.0.1, with its IAM on.
 *
 * Over TLS, with a certificate of this run: policies of queues and buckets refuse what is not (`aws:SecureTransport`).
 *
 * @param python interpreter of the environment that has it
 * @param folder for its files; whoever made it removes it
 */
export async function startEmulator(python: string, folder: string): Promise<Emulator> {
  const files = path.join(folder, 'emulator');
  mkdirSync(files);
  const certificate = path.join(folder, 'certificate.pem');
  const key = path.join(folder, 'key.pem');
  const script = path.join(__dirname, 'certificate.py');
  await runOrThrow('making a certificate', python, [script, certificate, key], { seconds: 60 });

  const port = await freePort();
  const endpoint = `https://127.0.0.1:${port}`;
  const credentials = { AWS_ACCESS_KEY_ID: ROOT_KEY, AWS_SECRET_ACCESS_KEY: ROOT_KEY };
  const logFile = path.join(folder, 'emulator.log');
  const log = openSync(logFile, 'w');
  // Not by its own command, which takes port 443 as well where it may.
  const served = ['--bind', `127.0.0.1:${port}`, '--certfile', certificate, '--keyfile', key, '--keep-alive', '75'];
  const child = spawn(python, ['-m', 'hypercorn', 'ministack.app:app', ...served], {
    cwd: files,
    env: {
      ...cleanEnv(files),
      ...credentials,
      AUTH: 'true',
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      MINISTACK_REGION: REGION,
      MINISTACK_ACCOUNT_ID: ACCOUNT,
      USE_SSL: '1',
      MINISTACK_SSL_CERT: certificate,
      MINISTACK_SSL_KEY: key,
      NODE_EXTRA_CA_CERTS: certificate,
      LAMBDA_EXECUTOR: 'local',
      PERSIST_STATE: '0',
      // Listeners of services that are not used here.
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
    stdio: ['ignore', log, log],
    // A group of its own, so that its functions end with it.
    detached: true,
  });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  let gone = false;
  void ended.then(() => (gone = true));

  const emulator: Emulator = {
    endpoint,
    clientEnv: {
      ...credentials,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_DEFAULT_REGION: REGION,
      AWS_EC2_METADATA_DISABLED: 'true',
      // The first is for the CDK's CLI and botocore, the second for other programs of Node.
      AWS_CA_BUNDLE: certificate,
      NODE_EXTRA_CA_CERTS: certificate,
    },
    log: () => lastLines(readFileSync(logFile, 'utf8')),
    stop: async () => {
      if (child.pid === undefined) return;
      endGroup(child.pid, 'SIGTERM');
      await Promise.race([ended, pause(10_000)]);
      endGroup(child.pid, 'SIGKILL');
      await Promise.race([ended, pause(5_000)]);
    },
  };
  const deadline = Date.now() + 60_000;
  while (!(await answers(`${endpoint}/_ministack/health`, certificate))) {
    if (gone || Date.now() > deadline) {
      await emulator.stop();
      throw new Error(`MiniStack did not start\n${emulator.log()}`);
    }
    await pause(200);
  }
  return emulator;
}
