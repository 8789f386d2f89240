import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { acknowledge } from '../core/acknowledge';

/** Rights of a role that end with a wildcard, and why they must. */
export interface Wildcards {
  readonly actions?: readonly string[];
  /** ARNs; those without a wildcard are passed over. */
  readonly resources?: readonly string[];
  readonly reason: string;
}

/** A reference as cdk-nag writes it: `<TableCD117FA1.Arn>/export/*`. */
function flat(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  const [[fn, argument]] = Object.entries(value as Record<string, unknown>);
  switch (fn) {
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map(flat).join(separator);
    }
    case 'Fn::GetAtt':
      return `<${(argument as string[]).join('.')}>`;
    case 'Fn::ImportValue':
      return flat(argument);
    case 'Ref':
      return `<${String(argument)}>`;
    default:
      return JSON.stringify(value);
  }
}

/**
 * Accepts these wildcards in the policies of a role, and no others: what a user adds is still found.
 *
 * @internal
 */
export function acknowledgeWildcards(grantee: iam.IGrantable, wildcards: Wildcards): void {
  const principal = grantee.grantPrincipal;
  if (!Construct.isConstruct(principal)) {
    return;
  }
  for (const policy of principal.node.findAll().filter((child) => child instanceof iam.CfnPolicy)) {
    const accepted = new Set<string>();
    const accept = () => {
      for (const finding of findingsOf(policy, wildcards).filter((one) => !accepted.has(one))) {
        accepted.add(finding);
        acknowledge(policy, { id: `AwsSolutions-IAM5[${finding}]`, reason: wildcards.reason });
      }
      return [];
    };
    accept();
    // A resource of another stack has another name once it is imported: then again, when CDK has made the imports.
    policy.node.addValidation({ validate: accept });
  }
}

function findingsOf(policy: iam.CfnPolicy, { actions = [], resources = [] }: Wildcards): string[] {
  return [
    ...actions.map((action) => `Action::${action}`),
    ...resources.map((resource) => `Resource::${flat(Stack.of(policy).resolve(resource))}`),
  ].filter((finding) => finding.includes('*'));
}
