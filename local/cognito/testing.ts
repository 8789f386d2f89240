import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { makeCognito } from './index';
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

export async function startTestCognito(options: { readonly dataDir?: string } = {}): Promise<TestCognito> {
  let ahead = 0;
  const now = (): number => Date.now() + ahead;
  const service = makeCognito({ now, triggerTimeoutMs: 200 });
  const services = await startTestServices({ ...options, services: [service] });
  const { endpoint, region, credentials } = services.client;
  const address = services.host.functionEnvironment().AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? '';
  const cognito = new CognitoIdentityProviderClient({ endpoint: address, region });
  const admin = new CognitoIdentityProviderClient({ endpoint, region, credentials });
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
