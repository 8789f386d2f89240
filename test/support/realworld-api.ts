import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { RealWorldApi, type RealWorldApiProps } from '../../src';

/** One stack with one RealWorldApi, and what its template says of rights. */

interface Synthesized {
  readonly api: RealWorldApi;
  readonly template: Template;
}

export function synthesize(props?: RealWorldApiProps): Synthesized {
  const stack = new Stack(new App(), 'Stack');
  const api = new RealWorldApi(stack, 'Api', props);
  return { api, template: Template.fromStack(stack) };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: {
    readonly 'ForAllValues:StringLike'?: { 'dynamodb:LeadingKeys': string[] };
    readonly 'ForAllValues:StringEquals'?: { 'dynamodb:Attributes': string[] };
    readonly Null?: Readonly<Record<string, string>>;
  };
}

/** Statements of the policies that belong to one function's role. @throws Error where it has no role */
export function statementsOf(template: Template, fn: string): Statement[] {
  const roles = Object.keys(template.findResources('AWS::IAM::Role')).filter((id) => id.startsWith(`Api${fn}Role`));
  if (roles.length !== 1) {
    throw new Error(`roles of ${fn}: ${roles.join(', ') || 'none'}`);
  }
  return Object.entries(template.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(`Api${fn}Role`))
    .flatMap(
      ([, policy]) =>
        (policy as { Properties: { PolicyDocument: { Statement: Statement[] } } }).Properties.PolicyDocument.Statement,
    );
}

export const actionsOf = (statements: readonly Statement[]) => statements.flatMap((statement) => statement.Action);
