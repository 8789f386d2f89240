import { parseArgs } from 'node:util';
import { LocalService } from '../service';
import { knownLags } from '../service-host';
import { SERVICES } from '../services';
import { Lag } from '../types';

const MOST_PORT = 65_535;

/** What `start` was asked to do. */
export interface StartArguments {
  readonly app: string;
  readonly port: number;
  /** By option name of the service. */
  readonly ports: Readonly<Record<string, number>>;
  readonly adminPort?: number;
  readonly dataDir?: string;
  /** By option name of the service. */
  readonly engines: Readonly<Record<string, string>>;
  readonly lag: Lag;
  readonly faultSeed?: number;
  /** Module that fills the app with sample data. */
  readonly sample?: string;
  readonly verbose: boolean;
}

/** One line an option, in columns. */
function optionLine(option: string, help: string): string {
  return `  ${option.padEnd(19)}  ${help}`;
}

/** The text of `--help`: what services can be told comes from the services. */
export function helpText(services: readonly LocalService[] = SERVICES): string {
  const engines = services.flatMap(({ engine }) =>
    engine === undefined ? [] : [optionLine(`--${engine.option} ENGINE`, engine.help)],
  );
  const addresses = services.flatMap(({ openAddress }) =>
    openAddress === undefined ? [] : [optionLine(`--${openAddress.option} N`, openAddress.help)],
  );
  const lags = Object.entries(knownLags(services));
  const example = lags.map(([name]) => `${name}=500`).join(',');
  return `Usage: cdk-social-backend start [options]

Runs a synthesized CDK app on this machine: no account, no Docker, loopback only.

${[
  optionLine('--app FOLDER', 'the cloud assembly (default: cdk.out)'),
  optionLine('--port N', 'port of the first API; further ones follow; 0 for free ones (default: 3000)'),
  ...addresses,
  optionLine('--admin-port N', 'the page of the tables at an address of its own; 0 for a free port (default: none)'),
  optionLine('--data FOLDER', 'keep tables, queues, secrets and indexes in this folder (default: gone at the end)'),
  ...engines,
  optionLine('--lag LIST', `milliseconds behind: ${example}`),
  ...lags.map(([name, late]) => optionLine('', `${name}: ${late}`)),
  optionLine('--faults SEED', 'throttle, duplicate, reorder and fail by this seed'),
  optionLine('--sample FILE', 'a module whose default export, (app, log) => Promise, fills the app when it is up'),
  optionLine('--verbose', 'print what the functions write'),
  optionLine('--help', 'this text'),
].join('\n')}

Ctrl-C stops everything. The page /_local on the first API shows resources, tables, queues and requests.`;
}

function integer(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most) {
    throw new Error(`${name} must be a whole number from ${least} to ${most}, got ${text}`);
  }
  return value;
}

function parseLag(text: string, services: readonly LocalService[]): Lag {
  const known = Object.keys(knownLags(services));
  const lag: Record<string, number> = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=');
    if (!known.includes(name)) {
      throw new Error(`--lag knows ${known.join(', ')}, got ${name === '' ? 'nothing' : name}`);
    }
    lag[name] = integer(`--lag ${name}`, value, 0, 3_600_000);
  }
  return lag;
}

function readEngines(
  values: Readonly<Record<string, unknown>>,
  services: readonly LocalService[],
): Readonly<Record<string, string>> {
  const engines: Record<string, string> = {};
  for (const { engine } of services) {
    const value = engine === undefined ? undefined : values[engine.option];
    if (engine === undefined || typeof value !== 'string') continue;
    try {
      engine.check(value);
    } catch (error) {
      throw new Error(`--${error instanceof Error ? error.message : String(error)}`);
    }
    engines[engine.option] = value;
  }
  return engines;
}

function readPorts(
  values: Readonly<Record<string, unknown>>,
  services: readonly LocalService[],
): Readonly<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const { openAddress } of services) {
    const value = openAddress === undefined ? undefined : values[openAddress.option];
    if (openAddress === undefined || typeof value !== 'string') continue;
    ports[openAddress.option] = integer(`--${openAddress.option}`, value, 0, MOST_PORT);
  }
  return ports;
}

/**
 * Reads the command line.
 *
 * @returns `help` where help was asked for
 * @throws an Error of one line for what is unknown or out of bounds
 */
export function readArguments(
  argv: readonly string[],
  services: readonly LocalService[] = SERVICES,
): StartArguments | 'help' {
  const serviceOptions = services.flatMap(({ engine, openAddress }) =>
    [engine, openAddress].flatMap((choice) =>
      choice === undefined ? [] : [[choice.option, { type: 'string' }] as const],
    ),
  );
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      app: { type: 'string', default: 'cdk.out' },
      port: { type: 'string', default: '3000' },
      'admin-port': { type: 'string' },
      data: { type: 'string' },
      ...(Object.fromEntries(serviceOptions) as Readonly<Record<string, { readonly type: 'string' }>>),
      lag: { type: 'string' },
      faults: { type: 'string' },
      sample: { type: 'string' },
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
    port: integer('--port', values.port, 0, MOST_PORT),
    ports: readPorts(values, services),
    adminPort:
      values['admin-port'] === undefined ? undefined : integer('--admin-port', values['admin-port'], 0, MOST_PORT),
    dataDir: values.data,
    engines: readEngines(values, services),
    lag: values.lag === undefined ? {} : parseLag(values.lag, services),
    faultSeed: values.faults === undefined ? undefined : integer('--faults', values.faults, 0, 4_294_967_295),
    sample: values.sample,
    verbose: values.verbose,
  };
}
