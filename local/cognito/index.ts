import { LocalService } from '../service';
import { CognitoServiceOptions, RunningCognito } from './running';

/** Cognito: user pools with sign-up, sign-in by password and SRP, tokens and triggers. */
export function makeCognito(options: CognitoServiceOptions = {}): LocalService {
  return {
    name: 'Cognito',
    iamPrefixes: ['cognito-idp'],
    start: async (run) => RunningCognito.start(run, options),
  };
}
