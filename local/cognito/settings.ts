/** What the template says of a user pool. */
export interface PoolSettings {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
  /** Construct path or logical id, for a person. */
  readonly label: string;
  /** With it a user's name is the e-mail address, and the user name proper is the sub. */
  readonly emailIsUsername: boolean;
  /** With it a verified e-mail address signs in as well as the name. */
  readonly emailIsAlias: boolean;
  readonly caseSensitive: boolean;
  /** Whether sign-up sends a code to the e-mail address. */
  readonly verifiesEmail: boolean;
  /** An e-mail address changes only when the new one is verified. */
  readonly verifiesBeforeUpdate: boolean;
  readonly signUpAllowed: boolean;
  readonly passwordPolicy: PasswordPolicy;
  readonly attributes: ReadonlyMap<string, AttributeRule>;
  readonly triggers: Readonly<Partial<Record<TriggerName, string>>>;
  readonly mfa: 'OFF' | 'OPTIONAL' | 'ON';
  /** Where codes for a forgotten password may go. */
  readonly recoversByEmail: boolean;
}

/** What a password must be. */
export interface PasswordPolicy {
  readonly minimumLength: number;
  readonly uppercase: boolean;
  readonly lowercase: boolean;
  readonly numbers: boolean;
  readonly symbols: boolean;
  /** How long a temporary password is good for. */
  readonly temporaryDays: number;
}

/** What an attribute of a user may be. */
export interface AttributeRule {
  readonly type: 'String' | 'Number' | 'DateTime' | 'Boolean';
  readonly required: boolean;
  readonly mutable: boolean;
  /** Length of a text, or value of a number. */
  readonly least?: number;
  readonly most?: number;
}

/** What the template says of an app client. */
export interface ClientSettings {
  readonly id: string;
  readonly poolId: string;
  readonly name: string;
  readonly label: string;
  readonly secret?: string;
  /** `ALLOW_USER_SRP_AUTH` and the like. */
  readonly flows: ReadonlySet<string>;
  /** PreventUserExistenceErrors is ENABLED. */
  readonly hidesExistence: boolean;
  readonly accessSeconds: number;
  readonly idSeconds: number;
  readonly refreshSeconds: number;
  readonly sessionSeconds: number;
  readonly revocable: boolean;
  /** Attributes that the client may read and write; all when undefined. */
  readonly readable?: ReadonlySet<string>;
  readonly writable?: ReadonlySet<string>;
}

/** Triggers that run here, by their names in LambdaConfig. */
export const TRIGGERS = ['PreSignUp', 'PostConfirmation', 'PostAuthentication', 'PreTokenGeneration'] as const;

/** A trigger that runs here. */
export type TriggerName = (typeof TRIGGERS)[number];
