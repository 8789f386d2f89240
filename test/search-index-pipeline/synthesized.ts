import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { SearchIndexPipeline, type SearchIndexPipelineProps } from '../../src';

/** One stack with one SearchIndexPipeline, and its template read as a reviewer reads it: rights and roles as lines. */

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: string[];
}

export function make(props?: SearchIndexPipelineProps) {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const search = new SearchIndexPipeline(stack, 'Search', props);
  return { app, stack, search, template: Template.fromStack(stack) };
}

export const resourcesOf = (template: Template, type: string): [string, Resource][] =>
  Object.entries(template.findResources(type) as Record<string, Resource>);

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** What one role may do, without what every function may: write its logs and its traces. */
export function statementsOf(template: Template, prefix: string): Statement[] {
  const policies = resourcesOf(template, 'AWS::IAM::Policy').filter(([id]) => id.startsWith(prefix));
  if (policies.length === 0) {
    throw new Error(`no policy begins with ${prefix}`);
  }
  return policies
    .flatMap(([, { Properties: properties }]) => (properties.PolicyDocument as { Statement: Statement[] }).Statement)
    .filter(({ Action: action }) => !JSON.stringify(action).match(/logs:|xray:/));
}

/** References as text: `<Table.Arn>/export/*`. */
export function flat(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[fn, argument]] = Object.entries(value as Record<string, unknown>);
  if (fn === 'Fn::Join') return (argument as [string, unknown[]])[1].map(flat).join((argument as [string])[0]);
  return fn === 'Fn::GetAtt' ? `<${(argument as string[]).join('.')}>` : `<${String(argument)}>`;
}

/** Rights as lines: actions, and what they are on. */
export const rightsOf = (template: Template, prefix: string, names: Record<string, string>) =>
  statementsOf(template, prefix).map(({ Action: action, Resource: resource }) => [
    [action].flat().join(' '),
    [resource]
      .flat()
      .map((one) => Object.entries(names).reduce((text, [id, name]) => text.replaceAll(id, name), flat(one)))
      .join(' '),
  ]);

/** Logical ids, so that tests name what they mean. */
export function namesIn(template: Template): Record<string, string> {
  const short: Record<string, string> = {
    'AWS::OpenSearchService::Domain': 'Domain',
    'AWS::DynamoDB::Table': 'Table',
    'AWS::KMS::Key': 'Key',
    'AWS::SQS::Queue': 'Queue',
    'AWS::OpenSearchServerless::Collection': 'Collection',
  };
  const named = Object.entries(short).flatMap(([type, name]) =>
    resourcesOf(template, type).map(([id]): [string, string] => [id, name]),
  );
  const buckets = resourcesOf(template, 'AWS::S3::Bucket').map(([id]): [string, string] => [
    id,
    id.includes('Exports') ? 'Exports' : 'DeadLetters',
  ]);
  return Object.fromEntries([...named, ...buckets]);
}

export const propertiesOf = (template: Template, type: string) => resourcesOf(template, type)[0][1].Properties;

/** As the custom resource gets it, with references as text. */
export const mappingsOf = (template: Template, type = 'Custom::SearchIndex') =>
  JSON.parse(flat(propertiesOf(template, type).RoleMappings)) as {
    role: string;
    backendRoles: string[];
    clusterPermissions: string[];
    indexPermissions: { index_patterns: string[]; allowed_actions: string[] }[];
  }[];
