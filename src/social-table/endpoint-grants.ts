import { SOCIAL_BOUND_ATTRIBUTES, SOCIAL_KEY_PREFIXES, SocialItemKind } from './key-prefixes';
import { ACCOUNT_KEY_PREFIXES, AccountItemKind } from '../core/account-key-prefixes';
import { ItemRights } from '../core/endpoint';
import { leadingKeys } from '../core/leading-keys';

const BATCH = 'dynamodb:BatchGetItem';
const WRITES = ['PutItem', 'UpdateItem'];

/** An action, the patterns of the partitions on which it is allowed, and what items may hold where that is bounded. */
type KeyGrant = readonly [action: string, patterns: string[], attributes?: readonly string[]];

function grantsOf<Kind extends string>(rights: ItemRights<Kind>, prefixes: Readonly<Record<Kind, string>>): KeyGrant[] {
  return Object.entries<readonly Kind[]>(rights as Record<string, readonly Kind[]>).map(([action, kinds]) => [
    `dynamodb:${action}`,
    leadingKeys(prefixes, kinds),
  ]);
}

/** Kinds whose items are bounded are written by rights of their own. */
function socialGrants(rights: ItemRights<SocialItemKind>): KeyGrant[] {
  const byAction = Object.entries<readonly SocialItemKind[]>(rights as Record<string, readonly SocialItemKind[]>);
  return byAction.flatMap(([action, kinds]): KeyGrant[] => {
    const boundsOf = (kind: SocialItemKind) => (WRITES.includes(action) ? SOCIAL_BOUND_ATTRIBUTES[kind] : undefined);
    const whole = kinds.filter((kind) => !boundsOf(kind));
    const keys = (of: readonly SocialItemKind[]) => leadingKeys(SOCIAL_KEY_PREFIXES, of);
    return [
      ...(whole.length > 0 ? [[`dynamodb:${action}`, keys(whole)] as KeyGrant] : []),
      ...kinds.flatMap((kind) => {
        const attributes = boundsOf(kind);
        return attributes ? [[`dynamodb:${action}`, keys([kind]), attributes] as KeyGrant] : [];
      }),
    ];
  });
}

const batched = (grants: readonly KeyGrant[]) => grants.find(([action]) => action === BATCH)?.[1] ?? [];

const widened = (grants: readonly KeyGrant[], patterns: readonly string[]): KeyGrant[] =>
  grants.map(([action, own, attributes]) => [
    action,
    action === BATCH ? [...new Set([...own, ...patterns])] : own,
    attributes,
  ]);

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
  const social = socialGrants(endpoint.social ?? {});
  const accounts = grantsOf(endpoint.accounts ?? {}, ACCOUNT_KEY_PREFIXES);
  const [ofSocial, ofAccounts] = [batched(social), batched(accounts)];
  if (ofSocial.length === 0 || ofAccounts.length === 0) {
    return { social, accounts };
  }
  return { social: widened(social, ofAccounts), accounts: widened(accounts, ofSocial) };
}
