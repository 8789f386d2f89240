import { make, someRole, statementsOf } from './support/social-table';

process.env.CDK_VALIDATION = 'false';

describe('grants', () => {
  test('grantReadData names the table and its four indexes, without a wildcard', () => {
    const { stack, table } = make();
    table.grantReadData(someRole(stack));
    const [statement] = statementsOf(stack, 'Someone') ?? [];
    expect(statement.Action).not.toContain('dynamodb:PutItem');
    expect(statement.Resource).toHaveLength(5);
    expect(JSON.stringify(statement)).not.toContain('*');
  });

  test('grantWriteData writes and does not read', () => {
    const { stack, table } = make();
    table.grantWriteData(someRole(stack));
    expect(statementsOf(stack, 'Someone')?.[0].Action).toEqual([
      'dynamodb:BatchWriteItem',
      'dynamodb:DeleteItem',
      'dynamodb:DescribeTable',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
    ]);
  });

  test('grantOnKeys is for the base table and these partitions alone', () => {
    const { stack, table } = make();
    table.grantOnKeys(someRole(stack), ['dynamodb:GetItem', 'dynamodb:Query'], ['USER#*']);
    expect(statementsOf(stack, 'Someone')).toEqual([
      {
        Effect: 'Allow',
        Action: ['dynamodb:GetItem', 'dynamodb:Query'],
        Resource: stack.resolve(table.tableArn),
        Condition: {
          'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['USER#*'] },
          Null: { 'dynamodb:LeadingKeys': 'false' },
        },
      },
    ]);
  });

  test.each(['dynamodb:Scan', 'dynamodb:*', 'dynamodb:PartiQLSelect'])(
    'grantOnKeys refuses leading keys for %s, which they do not bound',
    (action) => {
      const { stack, table } = make();
      expect(() => table.grantOnKeys(someRole(stack), [action], ['USER#*'])).toThrow(`got: ${action}`);
    },
  );

  test('grantOnKeys refuses no action, other services and no key', () => {
    const { stack, table } = make();
    const role = someRole(stack);
    expect(() => table.grantOnKeys(role, [])).toThrow('at least one');
    expect(() => table.grantOnKeys(role, ['s3:GetObject'])).toThrow('got: s3:GetObject');
    expect(() => table.grantOnKeys(role, ['dynamodb:GetItem'], [])).toThrow('leadingKeys');
  });

  test('grantStreamRead is for the stream', () => {
    const { stack, table } = make();
    table.grantStreamRead(someRole(stack));
    const statements = statementsOf(stack, 'Someone') ?? [];
    expect(statements).toHaveLength(1);
    expect(statements[0].Resource).toEqual(stack.resolve(table.tableStreamArn));
  });

  test('metrics carry the table, and the index where one is named', () => {
    const { stack, table } = make();
    expect(table.metricWriteThrottleEvents()).toMatchObject({ metricName: 'WriteThrottleEvents', statistic: 'Sum' });
    expect(stack.resolve(table.metricForIndex('GSI2', 'ReadThrottleEvents').dimensions)).toEqual({
      TableName: stack.resolve(table.tableName),
      GlobalSecondaryIndexName: 'GSI2',
    });
    expect(() => table.metricForIndex('GSI9', 'ReadThrottleEvents')).toThrow('got: GSI9');
  });
});
