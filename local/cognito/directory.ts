import { adminUser } from './admin';
import { Context, Operations } from './context';
import { refused } from './errors';
import { list, optionalText, text } from './inputs';
import { UserPool } from './pool';
import { User } from './user';
import { groupView, userView } from './views';
import { AwsError, Json } from '../aws/protocol';

/** "Limit: Maximum value of 60": API_ListUsers. */
const PAGE = 60;

const FILTER = /^\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

/** Standard attributes that a filter may name; custom ones it may not: API_ListUsers. */
const FILTERED = [
  ...['username', 'email', 'phone_number', 'name', 'given_name', 'family_name', 'preferred_username'],
  ...['cognito:user_status', 'status', 'sub'],
];

/** Lists of users, and groups. */
export function directoryOperations(context: Context): Operations {
  const group = ['UserPoolId', 'GroupName'];
  return {
    ListUsers: {
      fields: ['UserPoolId', 'AttributesToGet', 'Limit', 'PaginationToken', 'Filter'],
      run: (input) => listUsers(context, input),
    },
    CreateGroup: {
      fields: [...group, 'Description', 'RoleArn', 'Precedence'],
      run: (input) => createGroup(context, input),
    },
    AdminAddUserToGroup: { fields: [...group, 'Username'], run: (input) => join(context, input, true) },
    AdminRemoveUserFromGroup: { fields: [...group, 'Username'], run: (input) => join(context, input, false) },
    AdminListGroupsForUser: {
      fields: ['UserPoolId', 'Username', 'Limit', 'NextToken'],
      run: (input) => {
        const { pool, user } = adminUser(context, input);
        const { page, next } = paged(user.groups, input, 'NextToken');
        return { Groups: page.map((name) => groupView(pool, name)), NextToken: next };
      },
    },
  };
}

function paged<T>(
  all: readonly T[],
  input: Json,
  token: string,
): { readonly page: readonly T[]; readonly next?: string } {
  const { Limit: limit = PAGE } = input;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 0 || limit > PAGE) {
    throw refused.parameter(
      `1 validation error detected: Value '${String(limit)}' at 'limit' failed to satisfy constraint: Member must have value between 0 and ${PAGE}`,
    );
  }
  const size = limit === 0 ? PAGE : limit;
  const given = optionalText(input, token);
  const start = given === undefined ? 0 : Number(Buffer.from(given, 'base64url').toString('utf8'));
  if (!Number.isInteger(start) || start < 0) throw refused.parameter(`Invalid ${token}`);
  const end = start + size;
  return {
    page: all.slice(start, end),
    ...(end < all.length ? { next: Buffer.from(String(end)).toString('base64url') } : {}),
  };
}

function listUsers({ pools }: Context, input: Json): Json {
  const pool = pools.pool(text(input, 'UserPoolId'));
  const matching = pool.users.filter(filterOf(input));
  const { page, next } = paged(matching, input, 'PaginationToken');
  const wanted = input.AttributesToGet === undefined ? undefined : list(input, 'AttributesToGet');
  return {
    Users: page.map((user) => userView(user, wanted)),
    ...(next === undefined ? {} : { PaginationToken: next }),
  };
}

function filterOf(input: Json): (user: User) => boolean {
  const filter = optionalText(input, 'Filter');
  if (filter === undefined) return () => true;
  const [, name = '', operator, quoted = ''] = FILTER.exec(filter) ?? [];
  if (!FILTERED.includes(name)) throw refused.parameter(`Error while parsing filter: ${filter}`);
  const wanted = quoted.replace(/\\(.)/g, '$1');
  return (user) => {
    const value = valueOf(user, name);
    return value !== undefined && (operator === '=' ? value === wanted : value.startsWith(wanted));
  };
}

function valueOf(user: User, name: string): string | undefined {
  switch (name) {
    case 'username':
      return user.username;
    case 'sub':
      return user.sub;
    case 'status':
      return user.enabled ? 'Enabled' : 'Disabled';
    case 'cognito:user_status':
      return user.status;
    default:
      return user.attributes[name];
  }
}

function createGroup({ pools, now }: Context, input: Json): Json {
  const pool = pools.pool(text(input, 'UserPoolId'));
  const name = text(input, 'GroupName');
  if (pool.groups.has(name)) throw new AwsError('GroupExistsException', 'A group with the name already exists.');
  const { Precedence: precedence } = input;
  pool.groups.set(name, {
    name,
    description: optionalText(input, 'Description'),
    roleArn: optionalText(input, 'RoleArn'),
    ...(typeof precedence === 'number' ? { precedence } : {}),
    created: now(),
  });
  pool.save();
  return { Group: groupView(pool, name) };
}

function join(context: Context, input: Json, member: boolean): Json {
  const { pool, user } = adminUser(context, input);
  const name = groupOf(pool, input);
  const others = user.groups.filter((one) => one !== name);
  user.groups = member ? [...others, name] : others;
  pool.save();
  return {};
}

function groupOf(pool: UserPool, input: Json): string {
  const name = text(input, 'GroupName');
  if (!pool.groups.has(name)) throw new AwsError('ResourceNotFoundException', 'Group not found.');
  return name;
}
