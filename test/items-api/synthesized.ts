import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ItemsApi, type ItemsApiProps } from '../../src';

/** A resource of a template. */
export interface Resource {
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
}

/** An ItemsApi alone in a stack, and what CloudFormation gets of it. */
export function synthesize(make: ItemsApiProps | ((stack: Stack) => ItemsApiProps) = {}) {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const api = new ItemsApi(stack, 'Api', typeof make === 'function' ? make(stack) : make);
  return { app, api, stack, template: Template.fromStack(stack) };
}

export const resourcesOf = (template: Template, type: string) =>
  template.findResources(type) as unknown as Readonly<Record<string, Resource>>;

/** The only resource of a type. @throws Error where there are several, or none */
export function onlyOne(template: Template, type: string): Resource {
  const found = Object.values(resourcesOf(template, type));
  if (found.length !== 1) {
    throw new Error(`resources of type ${type}: ${found.length}`);
  }
  return found[0];
}

/** Properties of the function of an operation. */
export function functionOf(template: Template, operation: string): Record<string, unknown> {
  const [id, ...others] = Object.keys(resourcesOf(template, 'AWS::Lambda::Function')).filter((name) =>
    new RegExp(`^ApiService${operation}[0-9A-F]{8}$`).test(name),
  );
  if (id === undefined || others.length > 0) {
    throw new Error(`functions of ${operation}: ${[id, ...others].join(', ')}`);
  }
  return resourcesOf(template, 'AWS::Lambda::Function')[id].Properties;
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] } };
}

/** Statements of the policies of one function's role. */
export function statementsOf(template: Template, fn: string): Statement[] {
  return Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`ApiService${fn}Role`))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}
