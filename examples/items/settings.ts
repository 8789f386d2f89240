import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { parseEnv } from 'node:util';

/** Variables by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What a deployment is told, once it is known to be good. */
export interface Settings {
  readonly stage: 'dev' | 'test' | 'prod';
  /** Where to; nothing where whoever deploys decides. */
  readonly env?: { readonly account: string; readonly region: string };
  /** An existing Lambda function that decides who may call. */
  readonly authorizerArn?: string;
  /** Name or ARN of a secret with API keys: `{"partner": "<key>"}`. */
  readonly secretsId?: string;
}

const STAGES = ['dev', 'test', 'prod'] as const;

/** What each variable looks like. */
const FORMS = {
  AWS_REGION: [/^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as eu-north-1'],
  AWS_ACCOUNT: [/^\d{12}$/, 'the 12 digits of an account'],
  AUTHORIZER_ARN: [
    /^arn:aws[\w-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/,
    'the ARN of a Lambda function, such as arn:aws:lambda:eu-north-1:123456789012:function:my-existing-authorizer',
  ],
  SECRETS_ID: [
    /^(arn:aws[\w-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:)?[\w/+=.@-]{1,512}$/,
    'the name or the ARN of a secret',
  ],
} as const;

type Name = keyof typeof FORMS;

/** What of the variables is set and not empty, where it looks as it should. @throws Error that names all that do not */
function checked(variables: Variables): Partial<Record<Name, string>> {
  const set = (Object.keys(FORMS) as Name[]).flatMap((name) =>
    variables[name] ? [[name, variables[name]] as const] : [],
  );
  const wrong = set.filter(([name, value]) => !FORMS[name][0].test(value));
  if (wrong.length > 0) {
    throw new Error(wrong.map(([name, value]) => `${name} must be ${FORMS[name][1]}, got: ${value}`).join('\n'));
  }
  return Object.fromEntries(set);
}

/**
 * The settings of a stage.
 *
 * @param stage `dev`, `test` or `prod`; undefined is `dev`
 * @param variables of the environment and of the stage's file
 * @param needsPlace whether the account and the region must be known: in `prod` they must
 * @throws Error that says by name what is wrong or missing
 */
export function settingsOf(stage: string | undefined, variables: Variables, needsPlace = false): Settings {
  const name = STAGES.find((one) => one === (stage ?? 'dev'));
  if (!name) {
    throw new Error(`stage must be one of ${STAGES.join(', ')}, got: ${stage}`);
  }
  const { AWS_REGION: region, AWS_ACCOUNT: account, AUTHORIZER_ARN, SECRETS_ID } = checked(variables);
  const missing = Object.entries({ AWS_REGION: region, AWS_ACCOUNT: account }).flatMap(([variable, value]) =>
    value === undefined ? [variable] : [],
  );
  if (missing.length > 0 && (needsPlace || name === 'prod')) {
    throw new Error(
      `${missing.join(' and ')} must be set for stage ${name}: in examples/items/.env.${name}, or beside it`,
    );
  }
  if (AUTHORIZER_ARN && SECRETS_ID) {
    throw new Error('Either set AUTHORIZER_ARN or SECRETS_ID, but not both: one of them decides who may call');
  }
  return {
    stage: name,
    env: region && account ? { account, region } : undefined,
    authorizerArn: AUTHORIZER_ARN,
    secretsId: SECRETS_ID,
  };
}

/**
 * The settings of a stage from its file, `.env.<stage>` beside this one, and from the environment, which counts before
 * the file.
 *
 * @param folder where the file is
 */
export function readSettings(stage: string | undefined, environment: Variables, folder = __dirname): Settings {
  const file = path.join(folder, `.env.${stage ?? 'dev'}`);
  const hasFile = /^[a-z]*$/.test(stage ?? '') && existsSync(file);
  const ofFile = hasFile ? parseEnv(readFileSync(file, 'utf8')) : {};
  return settingsOf(stage, { ...ofFile, ...environment }, hasFile);
}
