import { IamAuthorizer } from './authorizer';
import { readTrust } from './trust';

const ROLE = 'arn:aws:iam::000000000000:role/pipeline';
const SERVICE = 'osis-pipelines.amazonaws.com';
const KEYS = ['aws:SourceArn', 'aws:SourceAccount'];
const CONTEXT = { 'aws:SourceArn': 'arn:aws:osis:us-east-1:0:pipeline/mine', 'aws:SourceAccount': '0' };

const allow = (more: object = {}) => ({
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { Service: SERVICE },
  ...more,
});

function mayAssume(statements: readonly object[], context = CONTEXT, enabled = true): boolean {
  const authorizer = new IamAuthorizer('us-east-1', [], enabled);
  authorizer.addRole(ROLE, readTrust({ Statement: statements }, 'Role', KEYS));
  return authorizer.mayAssume(ROLE, SERVICE, context);
}

test.each<[statements: readonly object[], may: boolean]>([
  [[allow()], true],
  [[allow({ Principal: { Service: ['lambda.amazonaws.com', SERVICE] } })], true],
  [[allow({ Principal: { Service: 'lambda.amazonaws.com' } })], false],
  [[allow({ Principal: { AWS: '*' } })], false],
  [[allow({ Action: 'sts:TagSession' })], false],
  [[allow({ Action: ['sts:TagSession', 'sts:AssumeRole'] })], true],
  [[allow({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:osis:us-east-1:0:pipeline/mine' } } })], true],
  [[allow({ Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:osis:us-east-1:0:pipeline/other' } } })], false],
  [[allow({ Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })], false],
  // What is not known lets nobody in.
  [[allow({ Condition: { StringEquals: { 'sts:ExternalId': 'x' } } })], false],
  [[allow(), allow({ Effect: 'Deny' })], false],
  [[allow(), allow({ Effect: 'Deny', Condition: { StringEquals: { 'sts:ExternalId': 'x' } } })], false],
  [[allow(), allow({ Effect: 'Deny', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } })], true],
])('a trust policy of %j lets the service assume the role: %s', (statements, may) => {
  expect(mayAssume(statements)).toBe(may);
});

test('with checking off, every role may be assumed; one that is not of the app is named', () => {
  expect(mayAssume([], CONTEXT, false)).toBe(true);
  const authorizer = new IamAuthorizer('us-east-1', []);
  expect(() => authorizer.mayAssume(ROLE, SERVICE, CONTEXT)).toThrow(
    `${SERVICE}: role ${ROLE} is not part of this app`,
  );
});

test('a trust policy without a principal is refused', () => {
  expect(() => readTrust({ Statement: { Effect: 'Allow' } }, 'Role', KEYS)).toThrow(
    'Role: a trust policy without Principal is not supported here',
  );
});
