import { join } from 'node:path';
import { isObject, PropertyReader, shortId } from '../assembly';
import { checkResourcePolicy } from '../iam/resource-policy';
import { keyArn } from '../kms/key-arn';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';
import { Bucket } from './buckets';

const BUCKET = 'AWS::S3::Bucket';
const POLICY = 'AWS::S3::BucketPolicy';

/** What of a bucket has no meaning for objects that services of this app put and people look at. */
const INERT = [
  ...['LifecycleConfiguration', 'OwnershipControls', 'PublicAccessBlockConfiguration', 'Tags', 'LoggingConfiguration'],
  'MetricsConfigurations',
];

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME = /^(?!xn--)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Where buckets are. */
export interface BucketPlace {
  readonly region: string;
  readonly accountId: string;
  readonly dataDir?: string;
}

/** Creates buckets. */
export class BucketProvider implements ResourceProvider {
  public readonly types = [BUCKET, POLICY];

  public constructor(
    private readonly buckets: Map<string, Bucket>,
    private readonly place: BucketPlace,
  ) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    return resource.type === POLICY ? this.policy(resource) : this.bucket(resource);
  }

  private bucket(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['BucketName', 'BucketEncryption'], inert: INERT });
    const name = properties.optionalString('BucketName') ?? this.nameOf(resource);
    if (!NAME.test(name)) properties.refuse(`BucketName ${name} is none that S3 takes`);
    if (this.buckets.has(name)) properties.refuse(`BucketName ${name} is taken already`);
    const { region, dataDir } = this.place;
    const arn = `arn:aws:s3:::${name}`;
    const file = dataDir === undefined ? undefined : join(dataDir, 's3', `${name}.ndjson`);
    this.buckets.set(name, new Bucket(name, arn, keyArn(keyOf(properties), this.place), file));
    return {
      ref: name,
      attributes: {
        Arn: arn,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${region}.amazonaws.com`,
      },
    };
  }

  /** In lower case, and the same in every run: what was put lasts with a data folder. */
  private nameOf({ stackName, logicalId }: DeployedResource): string {
    const readable = `${stackName}-${logicalId}`.toLowerCase().replace(/[^a-z0-9-]/g, '-');
    return `${readable.slice(0, 50)}-${shortId(stackName, logicalId, 12)}`;
  }

  private policy(resource: DeployedResource): CreatedResource {
    const properties = new PropertyReader(resource, { used: ['Bucket', 'PolicyDocument'] });
    const name = properties.string('Bucket');
    if (!this.buckets.has(name)) properties.refuse(`Bucket ${name} is not part of this app`);
    const { Statement: given = [], ...rest } = properties.object('PolicyDocument');
    const statements: readonly unknown[] = [given].flat();
    const left = { ...rest, Statement: statements.filter((statement) => !deniesOldTls(statement)) };
    const others = new PropertyReader(
      { ...resource, properties: { Bucket: name, PolicyDocument: left } },
      { used: ['Bucket', 'PolicyDocument'] },
    );
    checkResourcePolicy(others, 'PolicyDocument', this.place.accountId);
    return { ref: `${resource.stackName}-${resource.logicalId}`, attributes: {} };
  }
}

/** What nothing here does: there is no TLS on loopback, and no old one either. */
function deniesOldTls(statement: unknown): boolean {
  if (!isObject(statement) || statement.Effect !== 'Deny') return false;
  return /^\{"NumericLessThan":\{"s3:TlsVersion":"?1\.\d"?\}\}$/.test(JSON.stringify(statement.Condition));
}

/** The customer's key of the one rule that a bucket has. */
function keyOf(properties: PropertyReader): string | undefined {
  const encryption = properties.nested('BucketEncryption', { used: ['ServerSideEncryptionConfiguration'] });
  const rules = encryption?.nestedList('ServerSideEncryptionConfiguration', {
    used: ['ServerSideEncryptionByDefault'],
    inert: ['BucketKeyEnabled'],
  });
  const rule = rules?.[0]?.nested('ServerSideEncryptionByDefault', { used: ['KMSMasterKeyID', 'SSEAlgorithm'] });
  return rule?.optionalString('KMSMasterKeyID');
}
