import { SOCIAL_KEY_PREFIXES, SocialItemKind } from './key-prefixes';
import { ACCOUNT_KEY_PREFIXES, AccountItemKind } from '../core/account-key-prefixes';
import { ItemRights } from '../core/endpoint';
import { leadingKeys } from '../core/leading-keys';

const BATCH = 'dynamodb:BatchGetItem';

/** An action, and the patterns of the partitions on which it is allowed. */
type KeyGrant = readonly [action: string, patterns: string[]];

function grantsOf<Kind extends string>(rights: ItemRights<Kind>, prefixes: Readonly<Record<Kind, string>>): KeyGrant[] {
  return Object.entries<readonly Kind[]>(rights as Record<string, readonly Kind[]>).map(([action, kinds]) => [
    `dynamodb:${action}`,
    leadingKeys(prefixes, kinds),
  ]);
}

const batched = (grants: readonly KeyGrant[]) => grants.find(([action]) => action === BATCH)?.[1] ?? [];

const widened = (grants: readonly KeyGrant[], patterns: readonly string[]): KeyGrant[] =>
  grants.map(([action, own]) => [action, action === BATCH ? [...new Set([...own, ...patterns])] : own]);

/** What an endpoint may do with items. */
interface EndpointRights {
  readonly social?: ItemRights<SocialItemKind>;
  readonly accounts?: ItemRights<AccountItemKind>;
}

/** Rights of one endpoint, by table. */
export interface EndpointGrants {
  readonly social: readonly KeyGrant[];
  readonly accounts: readonly KeyGrant[];
}

/**
 * The rights of an endpoint. Where it may read both tables in batches, the patterns of both are on the BatchGetItem of
 * each: nothing public says whether the leading keys of one call for both are judged table by table or all together. No
 * prefix is in both tables, so that the function can reach no item more.
 *
 * @internal
 */
export function endpointGrants(endpoint: EndpointRights): EndpointGrants {
  const social = grantsOf(endpoint.social ?? {}, SOCIAL_KEY_PREFIXES);
  const accounts = grantsOf(endpoint.accounts ?? {}, ACCOUNT_KEY_PREFIXES);
  const [ofSocial, ofAccounts] = [batched(social), batched(accounts)];
  if (ofSocial.length === 0 || ofAccounts.length === 0) {
    return { social, accounts };
  }
  return { social: widened(social, ofAccounts), accounts: widened(accounts, ofSocial) };
}
