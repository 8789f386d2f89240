import { AwsApi } from '../aws/protocol';
import { PageSection, RunningService, ServiceFact, ServiceRun, SignInAddress } from '../service';
import { DeployedResource, ResourceProvider } from '../types';
import { accountOperations } from './account';
import { adminOperations } from './admin';
import { CognitoApi } from './api';
import { issuerOf } from './authentication';
import { createClient, createGroup } from './client-provider';
import { Context } from './context';
import { directoryOperations } from './directory';
import { sections } from './inspect';
import { Messages } from './messages';
import { mfaOperations } from './mfa';
import { createPool } from './pool-provider';
import { Pools } from './pools';
import { ADDRESS_PREFIX, PublicApi } from './public-api';
import { recoveryOperations } from './recovery';
import { Sessions } from './sessions';
import { signInOperations } from './sign-in';
import { signUpOperations } from './sign-up';
import { TokenKeys } from './tokens';
import { Triggers } from './triggers';

const POOL = 'AWS::Cognito::UserPool';
const CLIENT = 'AWS::Cognito::UserPoolClient';
const GROUP = 'AWS::Cognito::UserPoolGroup';

/** What a test may choose. */
export interface CognitoServiceOptions {
  /** How long a trigger may take, in ms. @default 5000 */
  readonly triggerTimeoutMs?: number;
  /** Makes the keys of a pool, which takes time. @default TokenKeys.make */
  readonly makeKeys?: () => Promise<TokenKeys>;
}

/** The user pools of the run, at an address of their own. */
export class RunningCognito implements RunningService {
  public static async start(run: ServiceRun, options: CognitoServiceOptions): Promise<RunningCognito> {
    return new RunningCognito(run, await run.listen(ADDRESS_PREFIX), options);
  }

  public readonly apis: readonly AwsApi[];
  public readonly providers: readonly ResourceProvider[];
  public readonly functionEnvironment: Readonly<Record<string, string>>;
  private readonly pools = new Pools();
  private readonly messages: Messages;

  private constructor(
    run: ServiceRun,
    private readonly url: string,
    { triggerTimeoutMs, makeKeys = TokenKeys.make }: CognitoServiceOptions,
  ) {
    const { pools } = this;
    const now = (): number => run.now();
    this.messages = new Messages(now, (line) => run.log(line));
    const context: Context = {
      pools,
      messages: this.messages,
      sessions: new Sessions(now),
      triggers: new Triggers(run.region, () => run.others.functions, triggerTimeoutMs),
      now,
    };
    const { AdminInitiateAuth, AdminRespondToAuthChallenge, ...signIn } = signInOperations(context);
    const open = {
      ...signUpOperations(context),
      ...signIn,
      ...recoveryOperations(context),
      ...accountOperations(context),
      ...mfaOperations(context),
    };
    const signed = {
      ...{ AdminInitiateAuth, AdminRespondToAuthChallenge },
      ...adminOperations(context),
      ...directoryOperations(context),
    };
    const arnPrefix = `arn:aws:cognito-idp:${run.region}:${run.accountId}:userpool/`;
    this.apis = [new CognitoApi(open, signed, arnPrefix), new PublicApi(pools)];
    // By this variable the SDK of a function finds the service, and what verifies tokens the keys.
    this.functionEnvironment = { AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: url };
    this.providers = [
      {
        types: [POOL, CLIENT, GROUP],
        create: async (resource: DeployedResource) => {
          if (resource.type === POOL) return createPool(run, pools, makeKeys, resource);
          return resource.type === CLIENT ? createClient(run, pools, resource) : createGroup(pools, now, resource);
        },
      },
    ];
  }

  /** What a client of the app has to know. */
  public facts(): readonly ServiceFact[] {
    const pools = this.pools.all();
    if (pools.length === 0) return [];
    return [
      { name: 'Cognito', value: this.url },
      ...pools.flatMap(({ settings, clients }) => [
        { name: `user pool ${settings.label}`, value: settings.id },
        ...[...clients.values()].map(({ label, id }) => ({ name: `client ${label}`, value: id })),
      ]),
    ];
  }

  /** Tokens keep the issuer that they have on AWS; its documents are at the address of this machine. */
  public localAddress(url: string): string | undefined {
    const pool = this.pools.all().find(({ settings }) => url.startsWith(`${issuerOf(settings.id)}/`));
    return pool === undefined ? undefined : `${this.url}${new URL(url).pathname}`;
  }

  /** What a page on this machine signs users of a pool in with. */
  public signIn(issuer: string): readonly SignInAddress[] | undefined {
    const pool = this.pools.all().find(({ settings }) => issuer === issuerOf(settings.id));
    return (
      pool &&
      [...pool.clients.values()]
        .filter(({ secret, flows }) => secret === undefined && flows.has('ALLOW_USER_SRP_AUTH'))
        .map(({ id, poolId }) => ({ endpoint: this.url, userPoolId: poolId, clientId: id }))
    );
  }

  public inspect(): readonly PageSection[] {
    return sections(this.pools.all(), this.messages.list());
  }
}
