import { PropertyReader, uuidOf } from '../assembly';
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
      const properties = new PropertyReader(resource, { used: ['AliasName'], inert: ['TargetKeyId'] });
      return { ref: properties.string('AliasName'), attributes: {} };
    }
    new PropertyReader(resource, { used: [], inert: KEY_PROPERTIES });
    const id = uuidOf(resource.stackName, resource.logicalId);
    const arn = `arn:aws:kms:${this.place.region}:${this.place.accountId}:key/${id}`;
    return { ref: id, attributes: { Arn: arn, KeyId: id } };
  }
}
