import { describe, PropertyReader } from '../assembly';
import { ServiceRun } from '../service';
import { CreatedResource, DeployedResource } from '../types';
import { issuerOf } from './authentication';
import { idOf } from './ids';
import { UserPool } from './pool';
import { Pools } from './pools';
import { readSchema } from './schema';
import { PasswordPolicy, PoolSettings, TriggerName, TRIGGERS } from './settings';
import { TokenKeys } from './tokens';

const USED = [
  ...['AccountRecoverySetting', 'AdminCreateUserConfig', 'AliasAttributes', 'AutoVerifiedAttributes', 'EnabledMfas'],
  ...['LambdaConfig', 'MfaConfiguration', 'Policies', 'Schema', 'UserAttributeUpdateSettings', 'UserPoolName'],
  ...['UsernameAttributes', 'UsernameConfiguration', 'VerificationMessageTemplate'],
];

/** How messages look and travel, threat protection, tags: none of it has a meaning here. */
const INERT = [
  ...['DeletionProtection', 'EmailAuthenticationMessage', 'EmailAuthenticationSubject', 'EmailConfiguration'],
  ...['EmailVerificationMessage', 'EmailVerificationSubject', 'SmsAuthenticationMessage', 'SmsConfiguration'],
  ...['SmsVerificationMessage', 'UserPoolAddOns', 'UserPoolTags', 'UserPoolTier'],
];

/** Creates a user pool from its resource. */
export async function createPool(
  run: ServiceRun,
  pools: Pools,
  makeKeys: () => Promise<TokenKeys>,
  resource: DeployedResource,
): Promise<CreatedResource> {
  const properties = new PropertyReader(resource, { used: USED, inert: INERT });
  const settings = readPool(run, resource, properties);
  pools.add(await UserPool.open(settings, { dataDir: run.dataDir, now: () => run.now(), makeKeys }));
  const { id, arn } = settings;
  const issuer = issuerOf(id);
  return {
    ref: id,
    attributes: { Arn: arn, ProviderName: issuer.replace('https://', ''), ProviderURL: issuer, UserPoolId: id },
  };
}

function readPool(run: ServiceRun, resource: DeployedResource, properties: PropertyReader): PoolSettings {
  const id = `${run.region}_${idOf(run.names.of(resource, 128), 9)}`;
  const signsIn = oneOf(properties, 'UsernameAttributes', ['email']);
  const aliases = oneOf(properties, 'AliasAttributes', ['email']);
  const verified = oneOf(properties, 'AutoVerifiedAttributes', ['email']);
  const updates = properties.nested('UserAttributeUpdateSettings', {
    used: ['AttributesRequireVerificationBeforeUpdate'],
  });
  const beforeUpdate =
    updates === undefined ? [] : oneOf(updates, 'AttributesRequireVerificationBeforeUpdate', ['email']);
  if (beforeUpdate.length > 0 && verified.length === 0) {
    properties.refuse('AttributesRequireVerificationBeforeUpdate needs email in AutoVerifiedAttributes');
  }
  if (signsIn.length > 0 && aliases.length > 0) {
    properties.refuse('only one of UsernameAttributes or AliasAttributes can be set');
  }
  const admin = properties.nested('AdminCreateUserConfig', {
    used: ['AllowAdminCreateUserOnly', 'UnusedAccountValidityDays'],
    inert: ['InviteMessageTemplate'],
  });
  const template = properties.nested('VerificationMessageTemplate', {
    used: ['DefaultEmailOption'],
    inert: ['EmailMessage', 'EmailMessageByLink', 'EmailSubject', 'EmailSubjectByLink', 'SmsMessage'],
  });
  if (template?.optionalString('DefaultEmailOption') === 'CONFIRM_WITH_LINK') {
    properties.refuse('DefaultEmailOption CONFIRM_WITH_LINK is not supported here, only CONFIRM_WITH_CODE');
  }
  return {
    id,
    arn: `arn:aws:cognito-idp:${run.region}:${run.accountId}:userpool/${id}`,
    name: properties.optionalString('UserPoolName') ?? run.names.of(resource, 128),
    label: resource.path?.replace(/\/Resource$/, '') ?? resource.logicalId,
    emailIsUsername: signsIn.includes('email'),
    emailIsAlias: aliases.includes('email'),
    // "true" is the default: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cognito.UserPool.html
    caseSensitive:
      properties.nested('UsernameConfiguration', { used: ['CaseSensitive'] })?.boolean('CaseSensitive', true) ?? true,
    verifiesEmail: verified.includes('email'),
    verifiesBeforeUpdate: beforeUpdate.includes('email'),
    signUpAllowed: admin?.boolean('AllowAdminCreateUserOnly', false) !== true,
    passwordPolicy: readPolicy(properties, admin?.optionalNumber('UnusedAccountValidityDays')),
    attributes: readSchema(properties),
    triggers: readTriggers(properties, resource),
    mfa: readMfa(properties),
    recoversByEmail: readRecovery(properties),
  };
}

/** A list of which only some values are supported. */
function oneOf(properties: PropertyReader, name: string, known: readonly string[]): readonly string[] {
  return properties.list(name).map((value) => {
    if (typeof value !== 'string' || !known.includes(value)) {
      properties.refuse(`${name} ${JSON.stringify(value)} is not supported here, only ${known.join(', ')}`);
    }
    return value;
  });
}

function readPolicy(properties: PropertyReader, unusedDays: number | undefined): PasswordPolicy {
  const policies = properties.nested('Policies', { used: ['PasswordPolicy', 'SignInPolicy'] });
  const signIn = policies?.nested('SignInPolicy', { used: ['AllowedFirstAuthFactors'] });
  if (signIn !== undefined) oneOf(signIn, 'AllowedFirstAuthFactors', ['PASSWORD']);
  const policy = policies?.nested('PasswordPolicy', {
    used: [
      ...['MinimumLength', 'RequireLowercase', 'RequireNumbers', 'RequireSymbols', 'RequireUppercase'],
      ...['TemporaryPasswordValidityDays', 'PasswordHistorySize'],
    ],
  });
  if ((policy?.optionalNumber('PasswordHistorySize') ?? 0) > 0) {
    properties.refuse('PasswordHistorySize is not supported here, only 0');
  }
  // A pool without a policy asks for all of them; a policy asks for what it says.
  const all = policy === undefined;
  return {
    minimumLength: policy?.number('MinimumLength', 8, [6, 99]) ?? 8,
    uppercase: policy?.boolean('RequireUppercase', false) ?? all,
    lowercase: policy?.boolean('RequireLowercase', false) ?? all,
    numbers: policy?.boolean('RequireNumbers', false) ?? all,
    symbols: policy?.boolean('RequireSymbols', false) ?? all,
    temporaryDays: policy?.number('TemporaryPasswordValidityDays', unusedDays ?? 7, [0, 365]) ?? unusedDays ?? 7,
  };
}

function readTriggers(properties: PropertyReader, resource: DeployedResource): PoolSettings['triggers'] {
  const config = properties.nested('LambdaConfig', { used: [...TRIGGERS, 'PreTokenGenerationConfig'] });
  const versioned = config?.nested('PreTokenGenerationConfig', { used: ['LambdaArn', 'LambdaVersion'] });
  const version = versioned?.string('LambdaVersion') ?? 'V1_0';
  if (version !== 'V1_0') properties.refuse(`PreTokenGenerationConfig ${version} is not supported here, only V1_0`);
  const triggers: Partial<Record<TriggerName, string>> = {};
  for (const name of TRIGGERS) {
    const arn = config?.optionalString(name);
    if (arn !== undefined) triggers[name] = arn;
  }
  const tokens = versioned?.string('LambdaArn');
  if (tokens !== undefined && (triggers.PreTokenGeneration ?? tokens) !== tokens) {
    throw new Error(`${describe(resource)}: PreTokenGeneration and PreTokenGenerationConfig name two functions`);
  }
  return tokens === undefined ? triggers : { ...triggers, PreTokenGeneration: tokens };
}

function readMfa(properties: PropertyReader): PoolSettings['mfa'] {
  const mode = properties.optionalString('MfaConfiguration') ?? 'OFF';
  if (mode !== 'OFF' && mode !== 'ON' && mode !== 'OPTIONAL') {
    properties.refuse(`MfaConfiguration must be OFF, ON or OPTIONAL, got ${mode}`);
  }
  const factors = oneOf(properties, 'EnabledMfas', ['SOFTWARE_TOKEN_MFA']);
  if (mode !== 'OFF' && factors.length === 0) {
    properties.refuse(`MfaConfiguration ${mode} is supported here with EnabledMfas SOFTWARE_TOKEN_MFA alone`);
  }
  return mode;
}

/** No message goes to a telephone here. */
function readRecovery(properties: PropertyReader): boolean {
  const setting = properties.nested('AccountRecoverySetting', { used: ['RecoveryMechanisms'] });
  if (setting === undefined) return true;
  const known = ['verified_email', 'verified_phone_number', 'admin_only'];
  const names = setting
    .nestedList('RecoveryMechanisms', { used: ['Name', 'Priority'] })
    .map((mechanism) => mechanism.string('Name'));
  const other = names.find((name) => !known.includes(name));
  if (other !== undefined) properties.refuse(`RecoveryMechanisms ${other} is not supported here`);
  return names.includes('verified_email');
}
