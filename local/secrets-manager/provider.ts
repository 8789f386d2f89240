import { randomUUID } from 'node:crypto';
import { PhysicalNames } from '../aws/names';
import { asObject, booleanProperty, checkKeys, checkProperties, refuse, stringProperty } from '../aws/properties';
import { checkResourcePolicy } from '../aws/resource-policy';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { generateSecretString, PASSWORD_OPTIONS } from './password';
import { Rotations } from './rotation';
import { CURRENT, Secret, SecretStore } from './store';

const SECRET = 'AWS::SecretsManager::Secret';
const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
const POLICY = 'AWS::SecretsManager::ResourcePolicy';

/** Creates secrets, generated where the template says so, and their rotation. */
export class SecretProvider implements ResourceProvider {
  public readonly types = [SECRET, SCHEDULE, POLICY];
  private readonly rotateWhenDeployed: Secret[] = [];

  public constructor(
    private readonly store: SecretStore,
    private readonly names: PhysicalNames,
    private readonly rotations: Rotations,
    private readonly accountId: string,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    switch (resource.type) {
      case SCHEDULE:
        return this.schedule(resource);
      case POLICY:
        return this.policy(resource);
      default:
        return this.secret(resource);
    }
  }

  /** Begins the rotations that the deployment asks for. */
  public startRotations(): void {
    for (const secret of this.rotateWhenDeployed.splice(0)) this.rotations.start(secret);
  }

  private secret(resource: DeployedResource): CreatedResource {
    checkProperties(resource, {
      used: ['Name', 'Description', 'GenerateSecretString', 'SecretString'],
      inert: ['KmsKeyId', 'Tags'],
    });
    const secret = this.store.ensure(stringProperty(resource, 'Name') ?? this.names.of(resource, 255));
    secret.description = stringProperty(resource, 'Description');
    const given = stringProperty(resource, 'SecretString');
    const generate = asObject(resource.properties.GenerateSecretString);
    if (given !== undefined && generate !== undefined) {
      throw refuse(resource, 'either SecretString or GenerateSecretString, but not both');
    }
    checkKeys(resource, 'GenerateSecretString', generate, [
      ...PASSWORD_OPTIONS,
      'SecretStringTemplate',
      'GenerateStringKey',
    ]);
    const current = secret.versions.find(({ stages }) => stages.includes(CURRENT));
    // A generated value is generated once; a data folder keeps it.
    const wanted =
      given ?? (generate === undefined || current !== undefined ? undefined : generated(resource, generate));
    if (wanted !== undefined && wanted !== current?.secretString) {
      const version = { id: randomUUID(), stages: [], created: Date.now() / 1000, secretString: wanted };
      secret.versions.push(version);
      this.store.move(secret, CURRENT, version);
    }
    this.store.save();
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  }

  private schedule(resource: DeployedResource): CreatedResource {
    checkProperties(resource, {
      used: ['SecretId', 'RotationLambdaARN', 'RotationRules', 'RotateImmediatelyOnUpdate'],
      inert: [],
    });
    const secret = this.secretOf(resource);
    const lambdaArn = stringProperty(resource, 'RotationLambdaARN');
    if (lambdaArn === undefined) throw refuse(resource, 'RotationLambdaARN is missing');
    const rules = resource.properties.RotationRules;
    const applied = JSON.stringify([lambdaArn, rules]);
    const changed = secret.rotation?.applied !== applied;
    secret.rotation = { lambdaArn, rules, applied };
    this.store.save();
    if (changed && booleanProperty(resource, 'RotateImmediatelyOnUpdate', true)) this.rotateWhenDeployed.push(secret);
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  }

  private policy(resource: DeployedResource): CreatedResource {
    checkProperties(resource, { used: ['SecretId', 'ResourcePolicy'], inert: ['BlockPublicPolicy'] });
    checkResourcePolicy(resource, 'ResourcePolicy', this.accountId);
    const { arn } = this.secretOf(resource);
    return { ref: arn, attributes: { Id: arn } };
  }

  private secretOf(resource: DeployedResource): Secret {
    const id = stringProperty(resource, 'SecretId') ?? '';
    const secret = this.store.find(id);
    if (secret === undefined) throw refuse(resource, `SecretId ${JSON.stringify(id)} is no secret of this app`);
    return secret;
  }
}

function generated(resource: DeployedResource, options: Readonly<Record<string, unknown>>): string {
  try {
    return generateSecretString(options);
  } catch (error) {
    throw refuse(resource, `GenerateSecretString: ${error instanceof Error ? error.message : String(error)}`);
  }
}
