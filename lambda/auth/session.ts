import type { Claims } from './tokens';
import type { Condition } from '../core/dynamodb';

/** What a user's item says of which tokens are good: read with the user, and checked by writes, for no read more. */
export interface SessionState {
  /** Tokens of this generation are good. A new password begins another. */
  readonly tokenVersion: number;
  /**
   * The id of the one token of before that is good all the same, as long as it lives: whoever changes the password goes
   * on with the token they have.
   */
  readonly keptTokenId?: string;
}

/** Is a verified token still good? */
export const isCurrent = ({ tokenVersion, keptTokenId }: SessionState, { generation, tokenId }: Claims): boolean =>
  tokenVersion === generation || (tokenId !== undefined && tokenId === keptTokenId);

/** The same as the condition of a write to the user's item; it also fails where there is no such item. */
export const sessionCondition = ({ generation, tokenId }: Claims): Condition =>
  tokenId === undefined
    ? { expression: 'tokenVersion = :generation', values: { ':generation': generation } }
    : {
        expression: '(tokenVersion = :generation OR keptTokenId = :tokenId)',
        values: { ':generation': generation, ':tokenId': tokenId },
      };
