import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { AwsStub } from 'aws-sdk-client-mock';

type Secrets = AwsStub<ServiceInputTypes, ServiceOutputTypes, SecretsManagerClientResolvedConfig>;

/** An error as an AWS client throws it: its message names what callers must not see. */
export function awsError(name: string): Error {
  return Object.assign(new Error(`${name}: arn:aws:secretsmanager:eu-west-1:123456789012:secret:signing-key`), {
    name,
    $metadata: { httpStatusCode: 400, requestId: 'aws-request' },
  });
}

/** One secret with versions and stages, behind a mocked client. */
export class FakeSecret {
  /** Values by version; each version's stages beside it. */
  public readonly versions = new Map<string, { value: string; stages: Set<string> }>();

  /** How many calls are denied before any is answered. */
  public denied = 0;

  public constructor(value: string) {
    this.versions.set('made-0', { value, stages: new Set(['AWSCURRENT']) });
  }

  public at(stage: string): string | undefined {
    return [...this.versions].find(([, { stages }]) => stages.has(stage))?.[0];
  }

  public answer(client: Secrets): void {
    client.on(GetSecretValueCommand).callsFake(({ VersionStage = 'AWSCURRENT', VersionId }) => {
      this.checkRights();
      const id = this.at(String(VersionStage));
      const found =
        id !== undefined && (VersionId === undefined || VersionId === id) ? this.versions.get(id) : undefined;
      if (!found) throw awsError('ResourceNotFoundException');
      return { SecretString: found.value };
    });
    client.on(PutSecretValueCommand).callsFake(({ SecretString, VersionStages, ClientRequestToken }) => {
      this.checkRights();
      const id = String(ClientRequestToken ?? `made-${this.versions.size}`);
      const stages = VersionStages as string[];
      stages.forEach((stage) => this.versions.get(this.at(stage) ?? '')?.stages.delete(stage));
      this.versions.set(id, { value: String(SecretString), stages: new Set(stages) });
      return {};
    });
    client.on(DescribeSecretCommand).callsFake(() => ({
      VersionIdsToStages: Object.fromEntries([...this.versions].map(([id, { stages }]) => [id, [...stages]])),
    }));
    client.on(UpdateSecretVersionStageCommand).callsFake(({ VersionStage, MoveToVersionId, RemoveFromVersionId }) => {
      const stage = String(VersionStage);
      if (this.at(stage) !== RemoveFromVersionId) throw awsError('InvalidParameterException');
      this.versions.get(String(RemoveFromVersionId))?.stages.delete(stage);
      this.versions.get(String(MoveToVersionId))?.stages.add(stage);
      return {};
    });
  }

  private checkRights(): void {
    if (this.denied > 0) {
      this.denied -= 1;
      throw awsError('AccessDeniedException');
    }
  }
}
