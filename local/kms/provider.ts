import { createHash } from 'node:crypto';
import { checkProperties, stringProperty } from '../aws/properties';
import { CreatedResource, DeployedResource, ResourceProvider } from '../types';

const KEY_PROPERTIES = [
  ...['KeyPolicy', 'Description', 'Enabled', 'EnableKeyRotation', 'KeySpec', 'KeyUsage', 'MultiRegion', 'Origin'],
  ...['PendingWindowInDays', 'RotationPeriodInDays', 'Tags', 'BypassPolicyLockoutSafetyCheck'],
];

/** Names for KMS keys: nothing is encrypted on this machine, and the KMS API is not here. */
export class KmsProvider implements ResourceProvider {
  public readonly types = ['AWS::KMS::Key', 'AWS::KMS::Alias'];

  public constructor(private readonly place: { readonly region: string; readonly accountId: string }) {}

  public async create(resource: DeployedResource): Promise<CreatedResource> {
    if (resource.type === 'AWS::KMS::Alias') {
      checkProperties(resource, { used: ['AliasName'], inert: ['TargetKeyId'] });
      return { ref: stringProperty(resource, 'AliasName') ?? '', attributes: {} };
    }
    checkProperties(resource, { used: [], inert: KEY_PROPERTIES });
    const hash = createHash('sha256').update(`${resource.stackName}/${resource.logicalId}`).digest('hex');
    const id = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
      '-',
    );
    const arn = `arn:aws:kms:${this.place.region}:${this.place.accountId}:key/${id}`;
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  }
}
