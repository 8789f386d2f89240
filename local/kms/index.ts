import { LocalService } from '../service';
import { KmsProvider } from './provider';

/** KMS: keys have ids and ARNs, nothing is encrypted. Its API is not here. */
export const kms: LocalService = {
  name: 'KMS',
  // In statements that let services use a key; no call here has them.
  conditionKeys: [
    'kms:ViaService',
    'kms:CallerAccount',
    'kms:EncryptionContext:SecretARN',
    'kms:GrantIsForAWSResource',
  ],
  start: (run) => ({ providers: [new KmsProvider(run)] }),
};
