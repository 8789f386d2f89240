import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventSourcedApi, type EventSourcedApiProps } from '../../src';

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** An EventSourcedApi alone in a stack, and what CloudFormation gets of it. */
export function synthesize(make: EventSourcedApiProps | ((stack: Stack) => EventSourcedApiProps) = {}) {
  const stack = new Stack(new App(), 'Stack');
  const api = new EventSourcedApi(stack, 'Api', typeof make === 'function' ? make(stack) : make);
  return { api, stack, template: Template.fromStack(stack) };
}

export const resourcesOf = (template: Template, type: string) =>
  template.findResources(type) as unknown as Readonly<Record<string, Resource>>;

/** The only resource of a type whose logical id begins so. @throws Error where there are several, or none */
export function one(template: Template, type: string, id = ''): Resource {
  const found = Object.entries(resourcesOf(template, type)).filter(([logicalId]) =>
    new RegExp(`^Api${id}${id === '' ? '' : '[0-9A-F]{8}$'}`).test(logicalId),
  );
  if (found.length !== 1) {
    throw new Error(`resources of type ${type} named ${id}: ${found.map(([logicalId]) => logicalId).join(', ')}`);
  }
  return found[0][1];
}

/** A statement of a policy. */
export interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: { 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] } };
}

/** Statements of the policies of one role, by its construct id. @throws Error where there is no such role */
export function statementsOf(template: Template, role: string): Statement[] {
  one(template, 'AWS::IAM::Role', role);
  return Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))
    .filter(([id]) => new RegExp(`^Api${role}DefaultPolicy[0-9A-F]{8}$`).test(id))
    .flatMap(([, { Properties }]) => (Properties.PolicyDocument as { Statement: Statement[] }).Statement);
}

/** What a role may do with items: action, table, and patterns of keys. */
export const itemRightsOf = (template: Template, role: string) =>
  statementsOf(template, role)
    .filter(({ Action }) => JSON.stringify(Action).includes('dynamodb:'))
    .filter(({ Resource }) => !JSON.stringify(Resource).includes('StreamArn'))
    .map(({ Action, Resource, Condition }) => [
      [Action].flat().map((action) => action.replace('dynamodb:', '')),
      /Api(\w+?Table)[0-9A-F]{8}/.exec(JSON.stringify(Resource))?.[1],
      Condition?.['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'],
    ]);
