import { randomUUID } from 'node:crypto';
import { randomPassword } from './password';
import { Rotations } from './rotation';
import { CURRENT, Secret, SecretStore, SecretVersion } from './store';
import { awsJson } from '../aws/json-protocol';
import {
  AwsAnswer,
  AwsApi,
  AwsError,
  AwsRequest,
  Json,
  Permission,
  refuseOtherFields,
  requireString,
  unknownOperation,
} from '../aws/protocol';

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  GetSecretValue: ['SecretId', 'VersionId', 'VersionStage'],
  PutSecretValue: ['SecretId', 'ClientRequestToken', 'SecretString', 'SecretBinary', 'VersionStages'],
  DescribeSecret: ['SecretId'],
  UpdateSecretVersionStage: ['SecretId', 'VersionStage', 'MoveToVersionId', 'RemoveFromVersionId'],
  RotateSecret: ['SecretId', 'ClientRequestToken', 'RotationLambdaARN', 'RotationRules', 'RotateImmediately'],
};

/** Secrets Manager: values, stages and rotation. */
export class SecretsManagerApi implements AwsApi {
  public readonly prefix = 'secretsmanager';
  public readonly protocol = awsJson('secretsmanager', '1.1');

  public constructor(
    private readonly store: SecretStore,
    private readonly rotations: Rotations,
    private readonly arnPrefix: string,
  ) {}

  public permissions({ operation, input }: AwsRequest): readonly Permission[] {
    const action = `secretsmanager:${operation}`;
    if (operation === 'GetRandomPassword') return [{ action, resources: ['*'] }];
    const fields = FIELDS[operation];
    if (fields === undefined) throw unknownOperation(`secretsmanager ${operation}`);
    refuseOtherFields(`secretsmanager ${operation}`, input, fields);
    const id = requireString(input, 'SecretId', 'InvalidParameterException');
    const secret = this.store.find(id);
    const context: Record<string, string> = { 'secretsmanager:SecretId': secret?.arn ?? id };
    if (typeof input.VersionId === 'string') context['secretsmanager:VersionId'] = input.VersionId;
    // Absent, it is AWSCURRENT that is read: the default of the call is what the policy means.
    if (operation === 'GetSecretValue' && input.VersionId === undefined) {
      context['secretsmanager:VersionStage'] = CURRENT;
    }
    if (typeof input.VersionStage === 'string') context['secretsmanager:VersionStage'] = input.VersionStage;
    const resource = secret?.arn ?? (id.startsWith('arn:') ? id : `${this.arnPrefix}${id}`);
    return [{ action, resources: [resource], context }];
  }

  public async handle({ operation, input }: AwsRequest): Promise<AwsAnswer> {
    if (operation === 'GetRandomPassword') return { body: { RandomPassword: randomPassword(input) } };
    const secret = this.store.get(String(input.SecretId));
    switch (operation) {
      case 'GetSecretValue':
        return { body: value(secret, input) };
      case 'PutSecretValue':
        return { body: this.put(secret, input) };
      case 'DescribeSecret':
        return { body: describe(secret) };
      case 'UpdateSecretVersionStage':
        return { body: this.updateStage(secret, input) };
      default:
        return { body: this.rotate(secret, input) };
    }
  }

  private put(secret: Secret, input: Json): Json {
    const { SecretString, SecretBinary } = input;
    if ((SecretString === undefined) === (SecretBinary === undefined)) {
      throw new AwsError('InvalidParameterException', 'You must provide either SecretString or SecretBinary.');
    }
    const id = typeof input.ClientRequestToken === 'string' ? input.ClientRequestToken : randomUUID();
    const content = {
      ...(typeof SecretString === 'string' ? { secretString: SecretString } : {}),
      ...(typeof SecretBinary === 'string' ? { secretBinary: SecretBinary } : {}),
    };
    let version = secret.versions.find((candidate) => candidate.id === id);
    if (version !== undefined && hasValue(version)) {
      if (version.secretString !== content.secretString || version.secretBinary !== content.secretBinary) {
        throw new AwsError(
          'ResourceExistsException',
          `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
        );
      }
    } else if (version !== undefined) {
      Object.assign(version, content);
    } else {
      version = { id, stages: [], created: Date.now() / 1000, ...content };
      secret.versions.push(version);
    }
    const stages = Array.isArray(input.VersionStages) ? (input.VersionStages as readonly string[]) : [CURRENT];
    for (const stage of stages) this.store.move(secret, stage, version);
    this.store.save();
    return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: version.stages };
  }

  private updateStage(secret: Secret, input: Json): Json {
    const stage = requireString(input, 'VersionStage', 'InvalidParameterException');
    const holder = secret.versions.find(({ stages }) => stages.includes(stage));
    const to = input.MoveToVersionId === undefined ? undefined : versionById(secret, String(input.MoveToVersionId));
    const from =
      input.RemoveFromVersionId === undefined ? undefined : versionById(secret, String(input.RemoveFromVersionId));
    if (holder !== undefined && holder !== from && holder !== to) {
      throw new AwsError(
        'InvalidParameterException',
        `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (stage === CURRENT && to === undefined) {
      throw new AwsError(
        'InvalidParameterException',
        `You can only move staging label ${CURRENT} to a different secret version. It can't be completely removed.`,
      );
    }
    this.store.move(secret, stage, to);
    this.store.save();
    return { ARN: secret.arn, Name: secret.name };
  }

  private rotate(secret: Secret, input: Json): Json {
    if (typeof input.RotationLambdaARN === 'string') {
      secret.rotation = { lambdaArn: input.RotationLambdaARN, rules: input.RotationRules, applied: '' };
      this.store.save();
    }
    if (input.RotateImmediately === false) {
      throw new AwsError(
        'InvalidParameterException',
        'RotateImmediately false is not supported by the local runner: it has no rotation windows',
      );
    }
    const token = typeof input.ClientRequestToken === 'string' ? input.ClientRequestToken : undefined;
    return { ARN: secret.arn, Name: secret.name, VersionId: this.rotations.start(secret, token) };
  }
}

function hasValue(version: SecretVersion): boolean {
  return version.secretString !== undefined || version.secretBinary !== undefined;
}

function versionById(secret: Secret, id: string): SecretVersion {
  const version = secret.versions.find((candidate) => candidate.id === id);
  if (version === undefined) {
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for VersionId: ${id}`,
    );
  }
  return version;
}

function value(secret: Secret, input: Json): Json {
  const stage = input.VersionStage ?? (input.VersionId === undefined ? CURRENT : undefined);
  const version = secret.versions.find(
    (candidate) =>
      (input.VersionId === undefined || candidate.id === input.VersionId) &&
      (stage === undefined || candidate.stages.includes(String(stage))) &&
      hasValue(candidate),
  );
  if (version === undefined) {
    const wanted = stage === undefined ? `VersionId: ${String(input.VersionId)}` : `staging label: ${String(stage)}`;
    throw new AwsError(
      'ResourceNotFoundException',
      `Secrets Manager can't find the specified secret value for ${wanted}`,
    );
  }
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: version.stages,
    CreatedDate: version.created,
    ...(version.secretString === undefined ? {} : { SecretString: version.secretString }),
    ...(version.secretBinary === undefined ? {} : { SecretBinary: version.secretBinary }),
  };
}

function describe(secret: Secret): Json {
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    CreatedDate: secret.created,
    LastChangedDate: secret.changed,
    RotationEnabled: secret.rotation !== undefined,
    ...(secret.rotation === undefined
      ? {}
      : { RotationLambdaARN: secret.rotation.lambdaArn, RotationRules: secret.rotation.rules }),
    ...(secret.lastRotated === undefined ? {} : { LastRotatedDate: secret.lastRotated }),
    VersionIdsToStages: Object.fromEntries(secret.versions.map(({ id, stages }) => [id, stages])),
  };
}
