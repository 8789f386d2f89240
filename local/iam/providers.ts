import { describe, expectObject, physicalName, PropertyReader, stringList } from '../assembly';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { IamAuthorizer } from './authorizer';
import { parsePolicy } from './policy';
import { readTrust } from './trust';

const POLICY_PROPERTIES = { used: ['PolicyName', 'PolicyDocument', 'Roles'] };

/** Creates roles and policies by handing their statements to the authorizer. */
export class IamProvider implements ResourceProvider {
  public readonly types = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'];

  public constructor(
    private readonly authorizer: IamAuthorizer,
    private readonly accountId: string,
    private readonly knownKeys: readonly string[],
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    if (resource.type === 'AWS::IAM::Role') return this.role(resource);
    return resource.type === 'AWS::IAM::Policy' ? this.policy(resource) : this.managedPolicy(resource);
  }

  private roleArn(name: string): string {
    return `arn:aws:iam::${this.accountId}:role/${name}`;
  }

  private role(resource: DeployedResource): CreatedResource {
    const where = describe(resource);
    const properties = new PropertyReader(resource, {
      used: ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'RoleName'],
      inert: ['Description', 'MaxSessionDuration', 'Tags'],
    });
    const trust = readTrust(properties.object('AssumeRolePolicyDocument'), where, this.knownKeys);
    const name = properties.optionalString('RoleName') ?? physicalName(resource.stackName, resource.logicalId);
    const arn = this.roleArn(name);
    this.authorizer.addRole(arn, trust);
    for (const policy of stringList(properties.list('ManagedPolicyArns'), `${where}: ManagedPolicyArns`)) {
      this.authorizer.attachManagedPolicy(arn, policy, where);
    }
    properties.list('Policies').forEach((policy, index) => {
      const { PolicyDocument: document } = expectObject(policy, `${where}: Policies[${index}]`);
      this.authorizer.allow(arn, parsePolicy(document, `${where}: Policies[${index}]`, this.knownKeys), where);
    });
    return { ref: name, attributes: { Arn: arn, RoleId: `AROA${name}` } };
  }

  private policy(resource: DeployedResource): CreatedResource {
    const where = describe(resource);
    const properties = new PropertyReader(resource, POLICY_PROPERTIES);
    const statements = parsePolicy(properties.object('PolicyDocument'), where, this.knownKeys);
    for (const role of stringList(properties.list('Roles'), `${where}: Roles`)) {
      this.authorizer.allow(this.roleArn(role), statements, where);
    }
    return { ref: properties.string('PolicyName'), attributes: { Id: properties.string('PolicyName') } };
  }

  private managedPolicy(resource: DeployedResource): CreatedResource {
    const where = describe(resource);
    const properties = new PropertyReader(resource, {
      used: ['ManagedPolicyName', 'PolicyDocument', 'Roles', 'Path'],
      inert: ['Description'],
    });
    const name = properties.optionalString('ManagedPolicyName') ?? physicalName(resource.stackName, resource.logicalId);
    const path = properties.optionalString('Path') ?? '/';
    const arn = `arn:aws:iam::${this.accountId}:policy${path}${name}`;
    const statements = parsePolicy(properties.object('PolicyDocument'), where, this.knownKeys);
    this.authorizer.addManagedPolicy(arn, statements);
    for (const role of stringList(properties.list('Roles'), `${where}: Roles`)) {
      this.authorizer.allow(this.roleArn(role), statements, where);
    }
    return { ref: arn, attributes: { PolicyArn: arn, PolicyId: name } };
  }
}
