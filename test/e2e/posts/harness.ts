import { startApp, type StartOptions } from '../../../local/runner';
import type { RunningApp } from '../../../local/running-app';
import { assemblyOf } from '../../support/assemblies';

/** How one run of `examples/posts` is started. */
export interface PostsOptions extends Pick<StartOptions, 'clock' | 'lag' | 'maxProcesses'> {
  /** Context of CDK: what the example is synthesized with. @default - as it is */
  readonly context?: Readonly<Record<string, string>>;
  /** An assembly in the place of the example's. */
  readonly assembly?: string;
}

/** A PostsApi that answers, and all that it and its functions write to logs. */
export interface PostsRun {
  /** Origin and stage: `http://127.0.0.1:3000/prod`. */
  readonly root: string;
  readonly app: RunningApp;
  readonly userPoolId: string;
  readonly clientId: string;
  /** The code that was mailed to an address last. */
  readonly codeOf: (email: string) => string;
  /** Every line so far, of functions and of the access log. */
  readonly lines: () => readonly LoggedLine[];
  close(): Promise<void>;
}

/** A line of a log, and whose it is. */
export interface LoggedLine {
  /** A function, or `access log`. */
  readonly of: string;
  readonly text: string;
}

/** Starts the API alone from its synthesized template, with its own user pool. */
export async function startPosts(options: PostsOptions = {}): Promise<PostsRun> {
  const { context = {}, assembly = await assemblyOf('posts', context), ...rest } = options;
  const written: LoggedLine[] = [];
  const codes = new Map<string, string>();
  const app = await startApp({
    assembly,
    port: 0,
    // Each is a cold start; more of them are no faster where cores are few.
    maxProcesses: 2,
    // Where nothing is mailed, the runner prints it.
    log: (line) => {
      const [, code, email] = /^code (\d+) for (\S+) /.exec(line) ?? [];
      if (email) codes.set(email, code);
    },
    onFunctionLog: (of, { text }) => written.push({ of, text }),
    ...rest,
  });
  // The runner keeps the last lines of an access log only: they are taken in time, and each has a request id.
  const access = new Set<string>();
  const lines = (): readonly LoggedLine[] => {
    app.accessLogs().forEach((line) => access.add(line));
    return [...written, ...[...access].map((text) => ({ of: 'access log', text }))];
  };
  return {
    root: rootOf(app),
    app,
    userPoolId: onlyOne(app, 'AWS::Cognito::UserPool'),
    clientId: onlyOne(app, 'AWS::Cognito::UserPoolClient'),
    codeOf: (email) => codes.get(email) ?? `none for ${email}`,
    lines,
    close: () => app.close(),
  };
}

/** Physical id of the only resource of a type. */
function onlyOne(app: RunningApp, type: string): string {
  const found = app.resources.filter((resource) => resource.type === type);
  if (found.length !== 1) throw new Error(`The app has ${found.length} resources of the type ${type}, not one`);
  return found[0].ref;
}

/** The output that names the API; addresses are compared as the tests connect. */
function rootOf(app: RunningApp): string {
  const urls = Object.values(app.outputs)
    .flatMap((outputs) => Object.values(outputs))
    .filter((value): value is string => typeof value === 'string' && /^http:.*\/v1\/?$/.test(value));
  if (urls.length !== 1) throw new Error(`One output of the app ends in /v1, not ${urls.length}`);
  return urls[0].replace(/\/v1\/?$/, '').replace('localhost', '127.0.0.1');
}
