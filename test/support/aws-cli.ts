/**
 * A stand-in for the AWS CLI where it is not installed: `aws cognito-idp OPERATION --parameter value … [--query PATH
 * --output text]`, sent by the SDK. What the CLI takes as shorthand (`Name=email,Value=…`) is taken here.
 */
import * as cognito from '@aws-sdk/client-cognito-identity-provider';

const pascal = (name: string) => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());

type Structure = Record<string, string>;

/** `Name=email,Value=jane@example.com`; undefined for plain text. */
function shorthand(text: string): Structure | undefined {
  const pairs = text.split(',').map((part) => /^(\w+)=(.*)$/.exec(part));
  return pairs.every((pair) => pair !== null)
    ? Object.fromEntries(pairs.map(([, name, value]) => [name, value]))
    : undefined;
}

const LISTS = new Set(['UserAttributes']);

function inputOf(args: readonly string[]): { input: Record<string, unknown>; query?: string } {
  const input: Record<string, unknown> = {};
  let query: string | undefined;
  for (let at = 0; at < args.length; at += 2) {
    const name = args[at].replace(/^--/, '');
    const value = args[at + 1];
    if (name === 'query') {
      query = value;
    } else if (name !== 'output') {
      const given = shorthand(value) ?? value;
      input[pascal(name)] = LISTS.has(pascal(name)) ? [given] : given;
    }
  }
  return { input, query };
}

async function main([service, operation, ...args]: readonly string[]): Promise<void> {
  if (service !== 'cognito-idp') throw new Error(`only cognito-idp, got: ${service}`);
  const { input, query } = inputOf(args);
  const Command = (cognito as unknown as Record<string, new (given: object) => cognito.GetUserCommand>)[
    `${pascal(operation)}Command`
  ];
  const client = new cognito.CognitoIdentityProviderClient({
    endpoint: process.env.AWS_ENDPOINT_URL,
    region: process.env.AWS_REGION,
    credentials: {
      accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const answer = (await client.send(new Command(input))) as unknown;
  const found = (query ?? '')
    .split('.')
    .filter((name) => name !== '')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], answer);
  process.stdout.write(`${typeof found === 'string' ? found : JSON.stringify(found)}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 255;
});
