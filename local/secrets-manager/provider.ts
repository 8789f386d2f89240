import { randomUUID } from 'node:crypto';
import { PropertyReader } from '../assembly';
import { checkResourcePolicy } from '../iam/resource-policy';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { generateSecretString, PASSWORD_OPTIONS } from './password';
import { Rotations } from './rotation';
import { CURRENT, Secret, SecretStore } from './store';
import { DataNames } from '../assembly/names';

const SECRET = 'AWS::SecretsManager::Secret';
const SCHEDULE = 'AWS::SecretsManager::RotationSchedule';
const POLICY = 'AWS::SecretsManager::ResourcePolicy';

/** Creates secrets, generated where the template says so, and their rotation. */
export class SecretProvider implements ResourceProvider {
  public readonly types = [SECRET, SCHEDULE, POLICY];
  private readonly rotateWhenDeployed: Secret[] = [];

  public constructor(
    private readonly store: SecretStore,
    private readonly names: DataNames,
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
    const properties = new PropertyReader(resource, {
      used: ['Name', 'Description', 'GenerateSecretString', 'SecretString'],
      inert: ['KmsKeyId', 'Tags'],
    });
    const secret = this.store.ensure(properties.optionalString('Name') ?? this.names.of(resource, 255));
    secret.description = properties.optionalString('Description');
    const given = properties.optionalString('SecretString');
    const generate = properties.optionalObject('GenerateSecretString');
    if (given !== undefined && generate !== undefined) {
      properties.refuse('either SecretString or GenerateSecretString, but not both');
    }
    properties.nested('GenerateSecretString', {
      used: [...PASSWORD_OPTIONS, 'SecretStringTemplate', 'GenerateStringKey'],
    });
    const current = secret.versions.find(({ stages }) => stages.includes(CURRENT));
    // A generated value is generated once; a data folder keeps it.
    const wanted =
      given ?? (generate === undefined || current !== undefined ? undefined : generated(properties, generate));
    if (wanted !== undefined && wanted !== current?.secretString) {
      const version = { id: randomUUID(), stages: [], created: Date.now() / 1000, secretString: wanted };
      secret.versions.push(version);
      this.store.move(secret, CURRENT, version);
    }
    this.store.save();
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  }

  private schedule(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['SecretId', 'RotationLambdaARN', 'RotationRules', 'RotateImmediatelyOnUpdate'],
    });
    const secret = this.secretOf(properties);
    const lambdaArn = properties.string('RotationLambdaARN');
    const rules = properties.value('RotationRules');
    const applied = JSON.stringify([lambdaArn, rules]);
    const changed = secret.rotation?.applied !== applied;
    secret.rotation = { lambdaArn, rules, applied };
    this.store.save();
    if (changed && properties.boolean('RotateImmediatelyOnUpdate', true)) this.rotateWhenDeployed.push(secret);
    return { ref: secret.arn, attributes: { Id: secret.arn } };
  }

  private policy(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, {
      used: ['SecretId', 'ResourcePolicy'],
      inert: ['BlockPublicPolicy'],
    });
    checkResourcePolicy(properties, 'ResourcePolicy', this.accountId);
    const { arn } = this.secretOf(properties);
    return { ref: arn, attributes: { Id: arn } };
  }

  private secretOf(properties: PropertyReader): Secret {
    const id = properties.string('SecretId');
    return this.store.find(id) ?? properties.refuse(`SecretId ${JSON.stringify(id)} is no secret of this app`);
  }
}

function generated(properties: PropertyReader, options: Readonly<Record<string, unknown>>): string {
  try {
    return generateSecretString(options);
  } catch (error) {
    return properties.refuse(`GenerateSecretString: ${error instanceof Error ? error.message : String(error)}`);
  }
}
