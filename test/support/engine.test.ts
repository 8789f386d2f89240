import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SCHEMAS } from './engine';
import { AccountsTable } from '../../src/core/accounts-table';
import { FeedFanout } from '../../src/feed-fanout';
import { SocialTable } from '../../src/social-table';

process.env.CDK_VALIDATION = 'false';

const sorted = (value: unknown) =>
  Array.isArray(value)
    ? [...(value as unknown[])].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
    : value;

/** What both a template and a test say of a table, whatever the order of its lists. */
function comparable(schema: Record<string, unknown>) {
  return {
    KeySchema: schema.KeySchema,
    AttributeDefinitions: sorted(schema.AttributeDefinitions),
    GlobalSecondaryIndexes: sorted(schema.GlobalSecondaryIndexes),
    BillingMode: schema.BillingMode,
  };
}

test('repositories are tested on tables of the schema that is deployed', () => {
  const stack = new Stack(new App(), 'Stack');
  const social = new SocialTable(stack, 'Social');
  new AccountsTable(stack, 'Accounts', {});
  new FeedFanout(stack, 'Feed', { table: social });
  const tables = Template.fromStack(stack).findResources('AWS::DynamoDB::Table') as Record<
    string,
    { Properties: Record<string, unknown> }
  >;
  const deployed = (prefix: string) => {
    const [, found] = Object.entries(tables).find(([id]) => id.startsWith(prefix)) ?? [];
    return comparable(found?.Properties ?? {});
  };
  expect(Object.keys(tables)).toHaveLength(3);
  expect(comparable(SCHEMAS.social)).toEqual(deployed('Social'));
  expect(comparable(SCHEMAS.accounts)).toEqual(deployed('Accounts'));
  expect(comparable(SCHEMAS.feed)).toEqual(deployed('Feed'));
});
