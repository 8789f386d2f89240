import { Evaluator, Scope } from './evaluate';

function evaluator(overrides: Partial<Scope> = {}): Evaluator {
  return new Evaluator({
    stackName: 'Shop',
    region: 'us-east-1',
    accountId: '000000000000',
    parameters: new Map([['Size', 'big']]),
    mappings: { ByRegion: { 'us-east-1': { zone: 'Z1' } } },
    conditions: {
      Big: { 'Fn::Equals': [{ Ref: 'Size' }, 'big'] },
      NotBig: { 'Fn::Not': [{ Condition: 'Big' }] },
      Both: { 'Fn::And': [{ Condition: 'Big' }, { Condition: 'NotBig' }] },
      Either: { 'Fn::Or': [{ Condition: 'Big' }, { Condition: 'NotBig' }] },
      Circle: { 'Fn::Not': [{ Condition: 'Circle' }] },
    },
    ref: (logicalId) => (logicalId === 'Table' ? 'shop-table' : undefined),
    attribute: (logicalId, name) => `${logicalId}/${name}`,
    exported: (name) => (name === 'Data:Arn' ? 'arn:data' : undefined),
    ...overrides,
  });
}

test.each<[unknown, unknown]>([
  [{ Ref: 'Table' }, 'shop-table'],
  [{ Ref: 'Size' }, 'big'],
  [{ Ref: 'AWS::Region' }, 'us-east-1'],
  [{ Ref: 'AWS::StackName' }, 'Shop'],
  [{ 'Fn::GetAtt': ['Table', 'Stream.Arn'] }, 'Table/Stream.Arn'],
  [{ 'Fn::GetAtt': 'Table.Stream.Arn' }, 'Table/Stream.Arn'],
  [{ 'Fn::Join': ['-', ['a', { Ref: 'Size' }, 1]] }, 'a-big-1'],
  [
    { 'Fn::Sub': '${AWS::AccountId}/${Table}/${Table.Arn}/${!Literal}' },
    '000000000000/shop-table/Table/Arn/${Literal}',
  ],
  [{ 'Fn::Sub': ['${mine}-${Table}', { mine: { Ref: 'Size' } }] }, 'big-shop-table'],
  [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
  [{ 'Fn::ImportValue': 'Data:Arn' }, 'arn:data'],
  [{ 'Fn::If': ['Big', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::If': ['Both', 'yes', 'no'] }, 'no'],
  [{ 'Fn::If': ['Either', 'yes', 'no'] }, 'yes'],
  [{ 'Fn::FindInMap': ['ByRegion', { Ref: 'AWS::Region' }, 'zone'] }, 'Z1'],
  [{ 'Fn::Base64': 'hello' }, 'aGVsbG8='],
  [{ 'Fn::GetAZs': '' }, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
  [{ a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
  // A map with one key of its own is no intrinsic.
  [
    { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
  ],
])('%j gives %j', (value, expected) => {
  expect(evaluator().evaluate(value, 'Shop/X')).toEqual(expected);
});

test.each<[unknown, string]>([
  [{ a: [{ 'Fn::Cidr': ['10.0.0.0/16', 2] }] }, 'Shop/X.a[0]: intrinsic Fn::Cidr is not supported here'],
  [{ Ref: 'Nothing' }, 'Shop/X: Ref to Nothing, which is neither a resource nor a parameter'],
  [{ Ref: 'AWS::NotificationARNs' }, 'Shop/X: pseudo parameter AWS::NotificationARNs is not supported here'],
  [{ 'Fn::ImportValue': 'Other' }, 'Shop/X: no stack deployed before exports Other'],
  [{ 'Fn::Select': [3, ['a']] }, 'Shop/X: Fn::Select index must be 0 to 0, got 3'],
  [{ 'Fn::If': ['Circle', 1, 2] }, 'Shop: condition Circle depends on itself'],
  [{ 'Fn::Join': ['', [{ a: 1 }]] }, 'Shop/X: needs a string to put into a text, got an object'],
])('refuses %j', (value, message) => {
  expect(() => evaluator().evaluate(value, 'Shop/X')).toThrow(message);
});
