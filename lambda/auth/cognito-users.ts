import {
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider';
import { clientConfig } from '../core/client-config';

/** A user as the user pool has it. */
export interface CognitoUser {
  readonly email: string | null;
  readonly emailVerified: boolean;
}

const isGone = (error: unknown) => error instanceof Error && error.name === 'UserNotFoundException';

/** Users of a user pool, by what it knows them by. Calls are bounded as all others are. */
export class CognitoUsers {
  private readonly client = new CognitoIdentityProviderClient(clientConfig());

  public constructor(private readonly userPoolId: string) {}

  /**
   * The user of this id. Where users choose their names, one that is free again may be another's by now: the id is asked
   * for as well.
   *
   * @param userId Cognito's `sub`, which is never used again
   * @returns undefined where there is none
   */
  public async find(username: string, userId: string): Promise<CognitoUser | undefined> {
    try {
      const { UserAttributes = [] } = await this.client.send(
        new AdminGetUserCommand({ UserPoolId: this.userPoolId, Username: username }),
      );
      const valueOf = (wanted: string) => UserAttributes.find(({ Name }) => Name === wanted)?.Value;
      return valueOf('sub') === userId
        ? { email: valueOf('email') ?? null, emailVerified: valueOf('email_verified') === 'true' }
        : undefined;
    } catch (error) {
      if (isGone(error)) {
        return undefined;
      }
      throw error;
    }
  }

  /** Afterwards there is no such user, whether there was one or not; whoever has the name by now stays. */
  public async remove(username: string, userId: string): Promise<void> {
    if (!(await this.find(username, userId))) {
      return;
    }
    try {
      await this.client.send(new AdminDeleteUserCommand({ UserPoolId: this.userPoolId, Username: username }));
    } catch (error) {
      if (!isGone(error)) {
        throw error;
      }
    }
  }
}
