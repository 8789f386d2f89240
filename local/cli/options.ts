import { parseArgs } from 'node:util';
import { Lag } from '../types';

/** What `start` was asked to do. */
export interface StartArguments {
  readonly app: string;
  readonly port: number;
  readonly dataDir?: string;
  readonly dynamodb?: string;
  readonly lag: Partial<Lag>;
  readonly faultSeed?: number;
  readonly sample: boolean;
  readonly verbose: boolean;
}

export const HELP = `Usage: cdk-social-backend start [options]

Runs a synthesized CDK app on this machine: no account, no Docker, loopback only.

  --app FOLDER       the cloud assembly (default: cdk.out)
  --port N           port of the first API; further ones follow; 0 for free ones (default: 3000)
  --data FOLDER      keep tables, queues and secrets in this folder (default: gone at the end)
  --dynamodb ENGINE  dynoxide, dynamodb-local or the URL of another (default: the first that is there)
  --lag LIST         milliseconds behind, for example gsi=500,stream=500,search=1500
  --faults SEED      throttle, duplicate, reorder and fail by this seed
  --sample           fill a RealWorld API with sample users and articles
  --verbose          print what the functions write
  --help             this text

Ctrl-C stops everything. The page /_local on the first API shows resources, tables, queues and requests.`;

const LAGS = ['gsi', 'stream', 'search'] as const;

function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}, got ${text}`);
  }
  return value;
}

function parseLag(text: string): Partial<Lag> {
  const lag: { -readonly [Name in keyof Lag]?: number } = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=');
    const known = LAGS.find((candidate) => candidate === name);
    if (known === undefined) throw new Error(`--lag knows ${LAGS.join(', ')}, got ${name === '' ? 'nothing' : name}`);
    lag[known] = integer(`--lag ${known}`, value, 0, 3_600_000);
  }
  return lag;
}

function parseEngine(text: string): string {
  if (text === 'dynoxide' || text === 'dynamodb-local' || /^https?:\/\/\S+$/.test(text)) return text;
  throw new Error(`--dynamodb must be dynoxide, dynamodb-local or a URL, got ${text}`);
}

/**
 * Reads the command line.
 *
 * @returns `help` where help was asked for
 * @throws an Error of one line for what is unknown or out of bounds
 */
export function readArguments(argv: readonly string[]): StartArguments | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      app: { type: 'string', default: 'cdk.out' },
      port: { type: 'string', default: '3000' },
      data: { type: 'string' },
      dynamodb: { type: 'string' },
      lag: { type: 'string' },
      faults: { type: 'string' },
      sample: { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, ...rest] = positionals;
  if (values.help || command === 'help') return 'help';
  if (command !== 'start') throw new Error(`the command must be start, got ${command ?? 'none'} (see --help)`);
  if (rest.length > 0) throw new Error(`unexpected argument ${rest[0]} (see --help)`);
  return {
    app: values.app,
    port: integer('--port', values.port, 0, 65_535),
    dataDir: values.data,
    dynamodb: values.dynamodb === undefined ? undefined : parseEngine(values.dynamodb),
    lag: values.lag === undefined ? {} : parseLag(values.lag),
    faultSeed: values.faults === undefined ? undefined : integer('--faults', values.faults, 0, 4_294_967_295),
    sample: values.sample,
    verbose: values.verbose,
  };
}
