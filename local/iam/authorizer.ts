import { AccessDenied, Authorizer, ConditionContext, Principal, UnusedAction } from '../types';
import { coverage, Statement } from './policy';
import { TrustStatement, trusts } from './trust';

interface Role {
  readonly statements: { readonly statement: Statement; readonly used: Set<string> }[];
  /** Functions and pipelines that run with it; a role of something else is never reported. */
  readonly users: Set<string>;
  /** Who may assume it. */
  readonly trust: readonly TrustStatement[];
  /** Calls that are denied yet, as though IAM had not heard of the role. */
  denials: number;
}

/** Statements of the AWS managed policies that functions commonly have. */
const MANAGED: Readonly<Record<string, readonly string[]>> = {
  'service-role/AWSLambdaBasicExecutionRole': ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  'service-role/AWSLambdaVPCAccessExecutionRole': ['logs:*', 'ec2:*NetworkInterface*', 'ec2:*PrivateIpAddresses'],
  AWSXRayDaemonWriteAccess: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSampling*'],
  CloudWatchLambdaInsightsExecutionRolePolicy: ['logs:*'],
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': ['logs:*'],
  'service-role/AWSAppSyncPushToCloudWatchLogs': ['logs:*'],
  // Of roles of AWS Backup, which never runs here.
  'service-role/AWSBackupServiceRolePolicyForBackup': ['backup:*'],
  'service-role/AWSBackupServiceRolePolicyForRestores': ['backup:*'],
};

/** Checks calls against the synthesized roles, and remembers which of what they allow was used. */
export class IamAuthorizer implements Authorizer {
  private readonly roles = new Map<string, Role>();
  private readonly managed = new Map<string, readonly Statement[]>();

  private readonly answered: RegExp;

  /**
   * @param iamPrefixes services whose calls come here; what a role allows of others is never reported unused
   * @param enabled with false everything is allowed; use is still recorded
   * @param freshRoleDenials how many calls of every role are denied until `rolesHavePropagated()`: IAM is eventually
   * consistent ("Changes that I make are not always immediately visible" in the IAM user guide)
   */
  public constructor(
    private readonly region: string,
    iamPrefixes: readonly string[],
    private readonly enabled = true,
    private freshRoleDenials = 0,
  ) {
    this.answered = new RegExp(`^(${iamPrefixes.join('|')}):`, 'i');
  }

  /** Makes a role known; statements are added by `allow`. */
  public addRole(roleArn: string, trust: readonly TrustStatement[] = []): void {
    if (!this.roles.has(roleArn)) {
      this.roles.set(roleArn, { statements: [], users: new Set(), trust, denials: this.freshRoleDenials });
    }
  }

  /** The roles made so far are known everywhere. */
  public rolesHavePropagated(): void {
    this.freshRoleDenials = 0;
    for (const role of this.roles.values()) role.denials = 0;
  }

  public mayAssume(roleArn: string, service: string, context: ConditionContext): boolean {
    const { trust } = this.role(roleArn, service);
    return !this.enabled || trusts(trust, service, context);
  }

  /** Says that a function or a pipeline runs with a role. */
  public useRole(roleArn: string, user: string, where: string): void {
    this.role(roleArn, where).users.add(user);
  }

  /** Adds statements to a role. */
  public allow(roleArn: string, statements: readonly Statement[], where: string): void {
    const role = this.role(roleArn, where);
    for (const statement of statements) role.statements.push({ statement, used: new Set() });
  }

  /** Keeps the statements of a managed policy of the app. */
  public addManagedPolicy(policyArn: string, statements: readonly Statement[]): void {
    this.managed.set(policyArn, statements);
  }

  /** @throws an Error naming a managed policy that is not known here */
  public attachManagedPolicy(roleArn: string, policyArn: string, where: string): void {
    const own = this.managed.get(policyArn);
    if (own !== undefined) {
      this.allow(roleArn, own, where);
      return;
    }
    const name = policyArn.replace(/^arn:[^:]+:iam::aws:policy\//, '');
    const actions = MANAGED[name];
    if (actions === undefined) throw new Error(`${where}: managed policy ${policyArn} is not supported here`);
    const statement: Statement = {
      effect: 'Allow',
      actions,
      exceptActions: false,
      resources: ['*'],
      exceptResources: false,
      conditions: [],
    };
    this.allow(roleArn, [statement], where);
  }

  public authorize(
    principal: Principal,
    action: string,
    resources: readonly string[],
    context: ConditionContext = {},
  ): void {
    // The runner itself acts for AWS services and is never checked.
    if (principal.roleArn === undefined) return;
    const role = this.role(principal.roleArn, principal.name);
    if (role.denials > 0 && this.enabled) {
      role.denials -= 1;
      throw new AccessDenied(principal, action, resources[0] ?? '*');
    }
    const keys: ConditionContext = { 'aws:SecureTransport': 'true', 'aws:RequestedRegion': this.region, ...context };
    for (const resource of resources) {
      if (!isAllowed(role, action, resource, keys) && this.enabled) throw new AccessDenied(principal, action, resource);
    }
  }

  /** What the roles in use allow of the services seen here, and no call has used so far. */
  public unusedActions(): UnusedAction[] {
    const unused: UnusedAction[] = [];
    for (const [arn, role] of this.roles) {
      if (role.users.size === 0) continue;
      for (const { statement, used } of role.statements) {
        if (statement.effect === 'Deny') continue;
        for (const action of statement.actions.filter((name) => this.answered.test(name))) {
          for (const resource of statement.resources) {
            if (!used.has(`${action} ${resource}`)) unused.push({ role: roleName(arn), action, resource });
          }
        }
      }
    }
    return unused;
  }

  private role(roleArn: string, where: string): Role {
    const role = this.roles.get(roleArn);
    if (role === undefined) throw new Error(`${where}: role ${roleArn} is not part of this app`);
    return role;
  }
}

function roleName(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function isAllowed(role: Role, action: string, resource: string, context: ConditionContext): boolean {
  let allowed = false;
  for (const { statement, used } of role.statements) {
    const covered = coverage(statement, action, resource, context);
    if (covered === undefined) continue;
    if (statement.effect === 'Deny') return false;
    used.add(`${covered.action} ${covered.resource}`);
    allowed = true;
  }
  return allowed;
}
