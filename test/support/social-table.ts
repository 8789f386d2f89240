import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import { SocialTable, type SocialTableProps } from '../../src/social-table';

/** One stack with one SocialTable, and what its template says. */

export function make(props?: SocialTableProps) {
  const stack = new Stack(new App(), 'Stack');
  return { stack, table: new SocialTable(stack, 'Social', props) };
}

export const tableOf = (stack: Stack) =>
  Object.values(Template.fromStack(stack).findResources('AWS::DynamoDB::Table'))[0] as {
    Properties: Record<string, unknown>;
    DeletionPolicy: string;
  };

/** Statements of the one policy whose logical id begins so. */
export function statementsOf(stack: Stack, prefix: string) {
  const policies = Template.fromStack(stack).findResources('AWS::IAM::Policy');
  const [, policy] = Object.entries(policies).find(([id]) => id.startsWith(prefix)) ?? [];
  return (policy as { Properties: { PolicyDocument: { Statement: Record<string, unknown>[] } } } | undefined)
    ?.Properties.PolicyDocument.Statement;
}

export const someRole = (stack: Stack) =>
  new iam.Role(stack, 'Someone', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
