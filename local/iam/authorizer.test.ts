import { AccessDenied, ConditionContext } from '../types';
import { IamAuthorizer } from './authorizer';
import { parsePolicy } from './policy';

const ROLE = 'arn:aws:iam::000000000000:role/reader';
const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/social';
const PREFIXES = ['dynamodb', 'sqs', 'secretsmanager'];
const KEYS = [
  'aws:SourceArn',
  'dynamodb:LeadingKeys',
  'dynamodb:Attributes',
  'secretsmanager:VersionStage',
  'aws:SecureTransport',
];
const CALLER = { name: 'reader-function', roleArn: ROLE };

function withStatements(...statements: unknown[]): IamAuthorizer {
  const authorizer = new IamAuthorizer('us-east-1', PREFIXES);
  authorizer.addRole(ROLE);
  authorizer.useRole(ROLE, CALLER.name, 'test');
  authorizer.allow(ROLE, parsePolicy({ Statement: statements }, 'Policy', KEYS), 'test');
  return authorizer;
}

function isAllowed(authorizer: IamAuthorizer, action: string, resource: string, context?: ConditionContext): boolean {
  try {
    authorizer.authorize(CALLER, action, [resource], context);
    return true;
  } catch (error) {
    if (error instanceof AccessDenied) return false;
    throw error;
  }
}

test('what is not allowed is denied, with who, what and where', () => {
  const authorizer = withStatements({ Effect: 'Allow', Action: 'dynamodb:GetItem', Resource: TABLE });
  expect(isAllowed(authorizer, 'dynamodb:GetItem', TABLE)).toBe(true);
  expect(() => authorizer.authorize(CALLER, 'dynamodb:PutItem', [TABLE])).toThrow(
    `reader-function is not authorized to perform: dynamodb:PutItem on resource: ${TABLE}`,
  );
});

test('every one of several resources must be allowed', () => {
  const authorizer = withStatements({ Effect: 'Allow', Action: 'dynamodb:BatchGetItem', Resource: TABLE });
  expect(() => authorizer.authorize(CALLER, 'dynamodb:BatchGetItem', [TABLE, `${TABLE}-2`])).toThrow(`${TABLE}-2`);
});

test('wildcards cover actions and resources, and a deny wins', () => {
  const authorizer = withStatements(
    { Effect: 'Allow', Action: ['dynamodb:*Item'], Resource: [`${TABLE}*`] },
    { Effect: 'Deny', Action: 'dynamodb:DeleteItem', Resource: '*' },
  );
  expect(isAllowed(authorizer, 'dynamodb:PutItem', `${TABLE}/index/GSI1`)).toBe(true);
  expect(isAllowed(authorizer, 'dynamodb:Query', TABLE)).toBe(false);
  expect(isAllowed(authorizer, 'dynamodb:DeleteItem', TABLE)).toBe(false);
});

test('NotAction and NotResource turn the lists round', () => {
  const authorizer = withStatements({ Effect: 'Allow', NotAction: 'dynamodb:Scan', NotResource: `${TABLE}-secret` });
  expect(isAllowed(authorizer, 'dynamodb:Query', TABLE)).toBe(true);
  expect(isAllowed(authorizer, 'dynamodb:Scan', TABLE)).toBe(false);
  expect(isAllowed(authorizer, 'dynamodb:Query', `${TABLE}-secret`)).toBe(false);
});

describe('leading keys', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: TABLE,
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ACCOUNT#*', 'EMAIL#*'] } },
  };

  test.each<[ConditionContext, boolean]>([
    [{ 'dynamodb:LeadingKeys': ['ACCOUNT#1', 'EMAIL#a'] }, true],
    [{ 'dynamodb:LeadingKeys': ['ACCOUNT#1', 'PASSWORD#1'] }, false],
    // As in AWS: ForAllValues holds where the key is absent, which is why a Scan must not be allowed at all.
    [{}, true],
  ])('with %j: %s', (context, allowed) => {
    expect(isAllowed(withStatements(statement), 'dynamodb:Query', TABLE, context)).toBe(allowed);
  });
});

describe('leading keys that must be there', () => {
  const statement = {
    Effect: 'Allow',
    Action: 'dynamodb:*',
    Resource: TABLE,
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ACCOUNT#*', 'EMAIL#*'] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  };

  test.each<[ConditionContext, boolean]>([
    [{ 'dynamodb:LeadingKeys': ['ACCOUNT#1', 'EMAIL#a'] }, true],
    [{ 'dynamodb:LeadingKeys': ['ACCOUNT#1', 'PASSWORD#1'] }, false],
    [{ 'dynamodb:LeadingKeys': [] }, false],
    [{}, false],
  ])('with %j: %s', (context, allowed) => {
    expect(isAllowed(withStatements(statement), 'dynamodb:Query', TABLE, context)).toBe(allowed);
  });
});

test('calls of a role that was just made are denied as often as asked, until roles are settled', () => {
  const authorizer = new IamAuthorizer('us-east-1', PREFIXES, true, 2);
  authorizer.addRole(ROLE);
  authorizer.allow(
    ROLE,
    parsePolicy({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, 'P', KEYS),
    'test',
  );
  const get = (): boolean => isAllowed(authorizer, 'dynamodb:GetItem', TABLE);
  expect([get(), get(), get()]).toEqual([false, false, true]);
  authorizer.addRole(`${ROLE}-2`);
  authorizer.rolesHavePropagated();
  authorizer.allow(
    `${ROLE}-2`,
    parsePolicy({ Statement: { Effect: 'Allow', Action: '*', Resource: '*' } }, 'P', KEYS),
    'test',
  );
  const second = { name: 'second', roleArn: `${ROLE}-2` };
  expect(() => authorizer.authorize(second, 'dynamodb:GetItem', [TABLE])).not.toThrow();
});

test.each<[unknown, ConditionContext, boolean]>([
  [
    { StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } },
    { 'secretsmanager:VersionStage': 'AWSCURRENT' },
    true,
  ],
  [{ StringEquals: { 'secretsmanager:VersionStage': 'AWSCURRENT' } }, {}, false],
  [{ StringEqualsIfExists: { 'secretsmanager:VersionStage': 'AWSCURRENT' } }, {}, true],
  [
    { StringNotEquals: { 'secretsmanager:VersionStage': 'AWSPENDING' } },
    { 'secretsmanager:VersionStage': 'AWSPENDING' },
    false,
  ],
  [{ Bool: { 'aws:SecureTransport': 'false' } }, {}, false],
  [{ Bool: { 'aws:SecureTransport': true } }, {}, true],
  [{ Null: { 'dynamodb:LeadingKeys': 'true' } }, {}, true],
  [{ Null: { 'dynamodb:LeadingKeys': 'true' } }, { 'dynamodb:LeadingKeys': ['a'] }, false],
  [{ ArnLike: { 'aws:SourceArn': 'arn:aws:sqs:*:*:q*' } }, { 'aws:SourceArn': 'arn:aws:sqs:us-east-1:0:q1' }, true],
  [{ 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } }, { 'dynamodb:LeadingKeys': ['b', 'a'] }, true],
  [{ 'ForAnyValue:StringEquals': { 'dynamodb:LeadingKeys': ['a'] } }, {}, false],
])('condition %j with %j: %s', (condition, context, allowed) => {
  const authorizer = withStatements({ Effect: 'Allow', Action: '*', Resource: '*', Condition: condition });
  expect(isAllowed(authorizer, 'dynamodb:GetItem', TABLE, context)).toBe(allowed);
});

test.each<[unknown, string]>([
  [
    { DateLessThan: { 'aws:CurrentTime': '2020' } },
    'Policy: statement 0: condition operator DateLessThan is not supported here',
  ],
  [
    { StringEquals: { 'aws:PrincipalArn': 'x' } },
    'Policy: statement 0: condition key aws:PrincipalArn is not supported here',
  ],
])('a policy with %j is refused when it is read', (condition, message) => {
  expect(() => withStatements({ Effect: 'Allow', Action: '*', Resource: '*', Condition: condition })).toThrow(message);
});

test('an unknown managed policy is refused by name', () => {
  const authorizer = withStatements();
  const arn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  expect(() => authorizer.attachManagedPolicy(ROLE, arn, 'R')).toThrow(
    `R: managed policy ${arn} is not supported here`,
  );
});

test('what was allowed and never used is reported, and nothing of services that are not seen here', () => {
  const authorizer = withStatements(
    { Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: TABLE },
    { Effect: 'Allow', Action: 'xray:PutTraceSegments', Resource: '*' },
  );
  authorizer.authorize(CALLER, 'dynamodb:GetItem', [TABLE]);
  expect(authorizer.unusedActions()).toEqual([{ role: 'reader', action: 'dynamodb:PutItem', resource: TABLE }]);
});

test('with checking off everything is allowed', () => {
  const authorizer = new IamAuthorizer('us-east-1', PREFIXES, false);
  authorizer.addRole(ROLE);
  expect(isAllowed(authorizer, 'dynamodb:PutItem', TABLE)).toBe(true);
});
