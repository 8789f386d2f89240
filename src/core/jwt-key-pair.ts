import { CustomResource, Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { BundledFunction } from './bundled-function';
import { failure, numberText } from './checks';
import { FunctionOptions } from './function-options';
import { leadingKeysCondition } from './key-conditions';

/**
 * Properties of a JwtKeyPair.
 *
 * @internal
 */
export interface JwtKeyPairProps {
  readonly functionOptions?: FunctionOptions;
  /** Where the public keys are published, in the item `JWKS`. */
  readonly accountsTable: dynamodb.ITable;
  /** A secret that is there already. @default - a new one */
  readonly signingKey?: secretsmanager.ISecret;
  readonly encryptionKey?: kms.IKey;
  readonly removalPolicy: RemovalPolicy;
  /** How long a token lives: so long a retired public key stays published. */
  readonly tokenLifetime: Duration;
  /** How often the pair is replaced. */
  readonly rotateAfter: Duration;
}

/**
 * A key pair that signs and verifies JSON Web Tokens (ES256). It is made at deployment and never leaves AWS: the
 * private key is in Secrets Manager, where only functions that sign may read it, the public one in a table, where
 * every function that verifies may. It is replaced on a schedule; tokens of before stay good until they expire.
 *
 * @internal
 */
export class JwtKeyPair extends Construct {
  /** Holds `{kid, privateKey}`, the private key as a JSON Web Key. */
  public readonly secret: secretsmanager.ISecret;
  /** Makes and rotates the pair. */
  public readonly manager: lambda.Function;

  public constructor(scope: Construct, id: string, props: JwtKeyPairProps) {
    super(scope, id);
    const days = props.rotateAfter.toDays({ integral: false });
    if (!Token.isUnresolved(days) && (!Number.isInteger(days) || days < 1 || days > 1000)) {
      throw failure(`keyRotation must be whole days from 1 to 1000, got: ${days}`, scope);
    }
    this.secret =
      props.signingKey ??
      new secretsmanager.Secret(this, 'Secret', {
        description: 'Private key that signs the tokens of the API',
        encryptionKey: props.encryptionKey,
        removalPolicy: props.removalPolicy,
      });
    this.manager = new BundledFunction(this, 'Manager', {
      ...props.functionOptions,
      code: 'auth/manage-key-pair',
      description: 'Makes the key pair of the API tokens at deployment, and rotates it',
      // On a first deployment it waits for its own rights, which IAM may have for all its servers a minute later.
      timeout: Duration.minutes(2),
      ownEnvironment: {
        ACCOUNTS_TABLE_NAME: props.accountsTable.tableName,
        TOKEN_LIFETIME_SECONDS: numberText(props.tokenLifetime.toSeconds()),
      },
    });
    iam.Grant.addToPrincipal({
      grantee: this.manager,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resourceArns: [props.accountsTable.tableArn],
      conditions: leadingKeysCondition(['JWKS']),
    });
    props.accountsTable.encryptionKey?.grantEncryptDecrypt(this.manager);
    iam.Grant.addToPrincipal({
      grantee: this.manager,
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resourceArns: [this.secret.secretArn],
    });
    this.secret.encryptionKey?.grantEncryptDecrypt(this.manager);

    // The function's rights are a policy of their own, which is there when the function is: the CDK sees to that.
    const made = new CustomResource(this, 'KeyPair', {
      resourceType: 'Custom::JwtKeyPair',
      serviceToken: this.manager.functionArn,
      // With the table, so that a table that replaces it gets the key again.
      properties: { SecretArn: this.secret.secretArn, TableName: props.accountsTable.tableName },
      serviceTimeout: Duration.minutes(5),
    });

    // Not by `addRotationSchedule`, which lets the function make passwords on `*`, and it makes none.
    const mayRotate = new lambda.CfnPermission(this, 'RotationPermission', {
      action: 'lambda:InvokeFunction',
      functionName: this.manager.functionArn,
      principal: 'secretsmanager.amazonaws.com',
      sourceArn: this.secret.secretArn,
    });
    const schedule = new secretsmanager.CfnRotationSchedule(this, 'Rotation', {
      secretId: this.secret.secretArn,
      rotationLambdaArn: this.manager.functionArn,
      rotationRules: { automaticallyAfterDays: days },
      rotateImmediatelyOnUpdate: false,
    });
    schedule.node.addDependency(mayRotate);
    schedule.node.addDependency(made);
  }

  /** Lets a function sign tokens: it may read the private key, and gets its ARN. */
  public grantSign(fn: lambda.Function): void {
    iam.Grant.addToPrincipal({
      grantee: fn,
      actions: ['secretsmanager:GetSecretValue'],
      resourceArns: [this.secret.secretArn],
    });
    this.secret.encryptionKey?.grantDecrypt(fn);
    fn.addEnvironment('SIGNING_KEY_SECRET_ARN', this.secret.secretArn);
  }
}
