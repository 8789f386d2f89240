import { LocalService } from '../service';
import { SecretsManagerApi } from './api';
import { SecretProvider } from './provider';
import { Rotations } from './rotation';
import { SecretStore } from './store';

/** Secrets Manager: values, stages, and rotation by the function of the template. */
export const secretsManager: LocalService = {
  name: 'Secrets Manager',
  iamPrefixes: ['secretsmanager'],
  conditionKeys: ['secretsmanager:SecretId', 'secretsmanager:VersionId', 'secretsmanager:VersionStage'],
  start: ({ region, accountId, dataDir, names, others, log }) => {
    const arnPrefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`;
    const store = new SecretStore(dataDir, arnPrefix);
    const rotations = new Rotations(store, async (arn, payload) => others.functions.invoke(arn, payload), log);
    const provider = new SecretProvider(store, names, rotations, accountId);
    return {
      providers: [provider],
      apis: [new SecretsManagerApi(store, rotations, arnPrefix)],
      deployed: async () => {
        provider.startRotations();
        await rotations.settle();
      },
      pending: () => rotations.running,
      settle: async () => rotations.settle(),
    };
  },
};
