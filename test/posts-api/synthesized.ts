import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { PostsApi, type PostsApiProps } from '../../src';

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

/** A PostsApi alone in a stack, and what CloudFormation gets of it. */
export function synthesize(make: PostsApiProps | ((stack: Stack) => PostsApiProps) = {}) {
  const stack = new Stack(new App(), 'Stack');
  const api = new PostsApi(stack, 'Api', typeof make === 'function' ? make(stack) : make);
  return { api, stack, template: Template.fromStack(stack) };
}

export const resourcesOf = (template: Template, type: string) =>
  template.findResources(type) as unknown as Readonly<Record<string, Resource>>;

/** Properties of the only resource of a type. @throws Error where there are several, or none */
export function onlyOne(template: Template, type: string): Record<string, unknown> {
  const found = Object.values(resourcesOf(template, type));
  if (found.length !== 1) {
    throw new Error(`resources of type ${type}: ${found.length}`);
  }
  return found[0].Properties;
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] } };
}

/** Statements of the policies of one function's role. @throws Error where it has no role */
export function statementsOf(template: Template, fn: string): Statement[] {
  const roles = Object.keys(resourcesOf(template, 'AWS::IAM::Role')).filter((id) => id.startsWith(`Api${fn}Role`));
  if (roles.length !== 1) {
    throw new Error(`roles of ${fn}: ${roles.join(', ') || 'none'}`);
  }
  return Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`Api${fn}Role`))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}
