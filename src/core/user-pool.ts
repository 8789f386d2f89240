import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge';
import { StatefulResourceOptions } from './stateful-resource-options';

/**
 * A user pool as an API for people needs it: sign-up and sign-in by e-mail, which Cognito verifies.
 *
 * @internal
 */
export function makeUserPool(scope: Construct, id: string, options: StatefulResourceOptions): cognito.UserPool {
  const removalPolicy = options.removalPolicy ?? RemovalPolicy.RETAIN;
  const pool = new cognito.UserPool(scope, id, {
    selfSignUpEnabled: true,
    signInAliases: { email: true },
    signInCaseSensitive: false,
    autoVerify: { email: true },
    // Until the new address is verified, the old one stays: nobody locks themselves out, or takes another's address.
    keepOriginal: { email: true },
    standardAttributes: { email: { required: true, mutable: true } },
    passwordPolicy: {
      minLength: 8,
      requireLowercase: true,
      requireUppercase: true,
      requireDigits: true,
      requireSymbols: true,
      tempPasswordValidity: Duration.days(3),
    },
    mfa: cognito.Mfa.OPTIONAL,
    mfaSecondFactor: { otp: true, sms: false },
    accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
    removalPolicy,
    deletionProtection: options.deletionProtection ?? removalPolicy !== RemovalPolicy.DESTROY,
  });
  acknowledge(pool.node.defaultChild, {
    id: 'AwsSolutions-COG2',
    reason: 'Users choose for themselves whether they sign in with a second factor',
  });
  for (const rule of ['AwsSolutions-COG3', 'AwsSolutions-COG8']) {
    acknowledge(pool.node.defaultChild, {
      id: rule,
      reason: 'Threat protection is paid for by user; give the API a user pool that has it where it is wanted',
    });
  }
  return pool;
}

/**
 * A client for apps that cannot keep a secret: pages, phones, command lines.
 *
 * @internal
 */
export function makeUserPoolClient(
  scope: Construct,
  id: string,
  userPool: cognito.IUserPool,
  authFlows: cognito.AuthFlow = { userSrp: true },
): cognito.UserPoolClient {
  return new cognito.UserPoolClient(scope, id, {
    userPool,
    generateSecret: false,
    authFlows,
    disableOAuth: true,
    preventUserExistenceErrors: true,
    enableTokenRevocation: true,
    accessTokenValidity: Duration.hours(1),
    idTokenValidity: Duration.hours(1),
    refreshTokenValidity: Duration.days(30),
  });
}
