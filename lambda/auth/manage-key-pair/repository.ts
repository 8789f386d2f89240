import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PublishedKeys } from './use-case';
import { dynamoDb } from '../../core/aws-clients';
import { clientConfig } from '../../core/client-config';
import { isConditionFailure } from '../../core/dynamodb';
import { requireEnv } from '../../core/env';
import { retry } from '../../core/retry';
import { JWKS_KEY } from '../account-keys';
import type { Jwk, SigningKey } from '../tokens';

/** The private key in Secrets Manager, the public ones in the accounts table. */
export class KeyRepository {
  private readonly secrets = new SecretsManagerClient(clientConfig());
  private readonly db: DynamoDBDocumentClient = dynamoDb();
  private readonly table = requireEnv('ACCOUNTS_TABLE_NAME');

  public constructor(private readonly secretArn: string) {}

  /** The key of a stage; undefined where there is none, or where the secret still holds what it was made with. */
  public async signingKey(stage: 'AWSCURRENT' | 'AWSPENDING', versionId?: string): Promise<SigningKey | undefined> {
    try {
      const answer = await this.secrets.send(
        new GetSecretValueCommand({ SecretId: this.secretArn, VersionStage: stage, VersionId: versionId }),
      );
      const value = JSON.parse(answer.SecretString ?? '') as Partial<SigningKey>;
      return value.kid !== undefined && value.privateKey ? { kid: value.kid, privateKey: value.privateKey } : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || (error instanceof Error && error.name === 'ResourceNotFoundException')) {
        return undefined;
      }
      throw error;
    }
  }

  public async put(key: SigningKey, stage: 'AWSCURRENT' | 'AWSPENDING', token?: string): Promise<void> {
    await this.secrets.send(
      new PutSecretValueCommand({
        SecretId: this.secretArn,
        SecretString: JSON.stringify(key),
        VersionStages: [stage],
        ClientRequestToken: token,
      }),
    );
  }

  /** Makes the pending version the current one. */
  public async promote(versionId: string): Promise<void> {
    const secret = await this.secrets.send(new DescribeSecretCommand({ SecretId: this.secretArn }));
    const versions = Object.entries(secret.VersionIdsToStages ?? {});
    const current = versions.find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
    if (current !== versionId) {
      await this.secrets.send(
        new UpdateSecretVersionStageCommand({
          SecretId: this.secretArn,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId: versionId,
          RemoveFromVersionId: current,
        }),
      );
    }
  }

  public pause(ms: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, ms));
  }

  public async published(): Promise<PublishedKeys> {
    return (await this.read()).value;
  }

  /** Changes what is published, whoever else does so at the same time. */
  public async publish(change: (published: PublishedKeys) => PublishedKeys): Promise<void> {
    await retry(async () => {
      const { value, version } = await this.read();
      await this.db.send(
        new PutCommand({
          TableName: this.table,
          Item: { ...JWKS_KEY, ...change(value), version: version + 1 },
          ConditionExpression: 'attribute_not_exists(PK) OR version = :version',
          ExpressionAttributeValues: { ':version': version },
        }),
      );
    }, isConditionFailure);
  }

  private async read(): Promise<{ value: PublishedKeys; version: number }> {
    const { Item } = await this.db.send(new GetCommand({ TableName: this.table, Key: JWKS_KEY, ConsistentRead: true }));
    return {
      value: {
        keys: (Item?.keys as Jwk[] | undefined) ?? [],
        retired: (Item?.retired as Record<string, number> | undefined) ?? {},
      },
      version: (Item?.version as number | undefined) ?? 0,
    };
  }
}
