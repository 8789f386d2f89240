import {
  ChangePasswordCommand,
  CognitoIdentityProviderClient,
  ConfirmForgotPasswordCommand,
  ConfirmSignUpCommand,
  ForgotPasswordCommand,
  GetUserCommand,
  InitiateAuthCommand,
  ResendConfirmationCodeCommand,
  RevokeTokenCommand,
  SignUpCommand,
  UpdateUserAttributesCommand,
  VerifyUserAttributeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { makeCognito } from './index';
import { TokenKeys } from './tokens';
import { startTestServices, TestServices } from '../testing';
import { FunctionPermission } from '../types';

export const PASSWORD = 'Passw0rd!';

/** User pools under test, with a clock that the test moves. */
export interface TestCognito {
  readonly services: TestServices;
  /** Without credentials, as pages and apps have it. */
  readonly cognito: CognitoIdentityProviderClient;
  /** With the credentials of a function. */
  readonly admin: CognitoIdentityProviderClient;
  readonly endpoint: string;
  /** Moves the clock on. */
  pass(ms: number): void;
  /** Makes a pool. @returns its id */
  pool(logicalId: string, properties?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Makes a client of a pool. @returns its id */
  client(logicalId: string, poolId: string, properties?: Readonly<Record<string, unknown>>): Promise<string>;
  /** A function that a pool may invoke. @returns its ARN */
  trigger(name: string, handler: (event: unknown) => unknown): string;
  /** What was sent last to an address: a code or a temporary password. */
  sent(to: string, purpose: string): string;
  close(): Promise<void>;
}

export const FLOWS = ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];

/** One pair for all pools of a test file: to make one takes a while. */
let keys: Promise<TokenKeys> | undefined;

export async function startTestCognito(options: { readonly dataDir?: string } = {}): Promise<TestCognito> {
  let ahead = 0;
  const clock = (): number => Date.now() + ahead;
  const service = makeCognito({ triggerTimeoutMs: 200, makeKeys: async () => (keys ??= TokenKeys.make()) });
  const services = await startTestServices({ ...options, clock, services: [service] });
  const { endpoint, region, credentials } = services.client;
  const address = services.host.functionEnvironment().AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? '';
  const cognito = new CognitoIdentityProviderClient({ endpoint: address, region, maxAttempts: 1 });
  const admin = new CognitoIdentityProviderClient({ endpoint, region, credentials, maxAttempts: 1 });
  return {
    ...{ services, cognito, admin, endpoint: address },
    pass: (ms) => (ahead += ms),
    pool: async (logicalId, properties = {}) =>
      (
        await services.create('AWS::Cognito::UserPool', logicalId, {
          AutoVerifiedAttributes: ['email'],
          UsernameAttributes: ['email'],
          UsernameConfiguration: { CaseSensitive: false },
          ...properties,
        })
      ).ref,
    client: async (logicalId, poolId, properties = {}) =>
      (
        await services.create('AWS::Cognito::UserPoolClient', logicalId, {
          UserPoolId: poolId,
          ExplicitAuthFlows: FLOWS,
          PreventUserExistenceErrors: 'ENABLED',
          ...properties,
        })
      ).ref,
    trigger: (name, handler) => {
      services.functions.set(name, handler);
      const permissions = services.host.functions.permissions as FunctionPermission[];
      permissions.push({
        functionName: name,
        action: 'lambda:InvokeFunction',
        principal: 'cognito-idp.amazonaws.com',
      });
      return `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
    },
    sent: (to, purpose) => {
      const ends = ` for ${to} (${purpose})`;
      const line = services.logs.filter((one) => one.endsWith(ends)).pop() ?? `nothing was sent to ${to} (${purpose})`;
      return line.slice(0, -ends.length).replace(/^(code|temporary password) /, '');
    },
    close: async () => {
      cognito.destroy();
      admin.destroy();
      await services.close();
    },
  };
}

/** Pools that differ in what users go by, and in what they tell of who is there. */
export interface TestPools {
  readonly UserPoolId: string;
  /** A client of it, which may neither read nor write all attributes. */
  readonly ClientId: string;
  /** A client of a pool with names, in which existence is shown. */
  readonly legacy: string;
}

export async function makePools(running: TestCognito): Promise<TestPools> {
  const UserPoolId = await running.pool('Users', {
    UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] },
    Schema: [
      { Name: 'email', Required: true, Mutable: true },
      { Name: 'birthdate', Required: false, Mutable: false },
      { Name: 'plan', AttributeDataType: 'String', Mutable: true },
    ],
  });
  const ClientId = await running.client('Web', UserPoolId, {
    WriteAttributes: ['email', 'name', 'birthdate'],
    ReadAttributes: ['email', 'email_verified', 'name'],
  });
  const names = await running.pool('Names', { UsernameAttributes: [], AliasAttributes: ['email'] });
  const legacy = await running.client('NamesWeb', names, { PreventUserExistenceErrors: 'LEGACY' });
  return { UserPoolId, ClientId, legacy };
}

/** A session that is open. */
export interface TestSession {
  readonly email: string;
  readonly AccessToken: string;
  readonly refreshToken: string;
}

type Sent =
  | ChangePasswordCommand
  | ConfirmForgotPasswordCommand
  | ConfirmSignUpCommand
  | ForgotPasswordCommand
  | GetUserCommand
  | InitiateAuthCommand
  | ResendConfirmationCodeCommand
  | RevokeTokenCommand
  | SignUpCommand
  | UpdateUserAttributesCommand
  | VerifyUserAttributeCommand;

/** Users of a client, in a pool whose user names are e-mail addresses. */
export class TestUsers {
  private counter = 0;

  public constructor(
    private readonly running: TestCognito,
    public readonly ClientId: string,
  ) {}

  public readonly newEmail = (): string => `user${(this.counter += 1)}@example.com`;

  /** Name and message of the refusal of a call; `allowed` where it is none. */
  public readonly refusal = async (command: Sent): Promise<string> => {
    // The client has an overload for each command, and none for any of them.
    const sending: Promise<unknown> = this.running.cognito.send(command as SignUpCommand);
    try {
      await sending;
      return 'allowed';
    } catch (error) {
      return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    }
  };

  public readonly signUp = async (email = this.newEmail()): Promise<string> => {
    const { ClientId } = this;
    await this.running.cognito.send(new SignUpCommand({ ClientId, Username: email, Password: PASSWORD }));
    return email;
  };

  public readonly confirmed = async (): Promise<string> => {
    const email = await this.signUp();
    await this.running.cognito.send(this.confirm(email, this.running.sent(email, 'sign-up')));
    return email;
  };

  public readonly session = async (): Promise<TestSession> => {
    const email = await this.confirmed();
    const { AuthenticationResult: result } = await this.running.cognito.send(this.signIn(email));
    return { email, AccessToken: result?.AccessToken ?? '', refreshToken: result?.RefreshToken ?? '' };
  };

  public readonly confirm = (
    Username: string,
    ConfirmationCode: string,
    ClientId = this.ClientId,
  ): ConfirmSignUpCommand => new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode });

  public readonly signIn = (USERNAME: string, password = PASSWORD, ClientId = this.ClientId): InitiateAuthCommand => {
    const AuthParameters = { USERNAME, PASSWORD: password };
    return new InitiateAuthCommand({ ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters });
  };

  public readonly refresh = (REFRESH_TOKEN: string, ClientId = this.ClientId): InitiateAuthCommand => {
    const AuthParameters = { REFRESH_TOKEN };
    return new InitiateAuthCommand({ ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters });
  };
}

/** A code that is not this one. */
export function wrongCode(code: string): string {
  return code === '000000' ? '000001' : '000000';
}
