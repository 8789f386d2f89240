import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { failure } from '../core/checks';

/**
 * What somebody does with an index: read it, write documents, write them as OpenSearch Ingestion does, or make indexes
 * and the alias.
 *
 * @internal
 */
export type SearchAccess = 'search' | 'index' | 'pipeline' | 'manage';

/**
 * The names of the indexes behind an alias: versioned, and apart for each way of ingestion, because their versions of
 * documents do not compare.
 *
 * @internal
 */
export class IndexNames {
  public constructor(public readonly alias: string) {}

  public first(kind: 'zero-etl' | 'lambda'): string {
    return `${this.alias}-${kind === 'zero-etl' ? 'zero-etl-' : ''}000001`;
  }

  /** All of them, and the alias. Patterns that no other alias begins with. */
  public get patterns(): string[] {
    return [this.alias, `${this.alias}-0*`, `${this.alias}-zero-etl-0*`];
  }
}

/**
 * A role of IAM, by whose ARN OpenSearch is told of it.
 *
 * @internal
 */
export interface NamedPrincipal {
  readonly construct: Construct;
  readonly arn: string;
}

/**
 * The role behind a grantee.
 *
 * @throws where it is another principal
 * @internal
 */
export function namedPrincipal(grantee: iam.IGrantable, scope: Construct): NamedPrincipal {
  const principal = grantee.grantPrincipal as Partial<iam.IRole> & iam.IPrincipal;
  if (Construct.isConstruct(principal) && principal.roleArn !== undefined) {
    return { construct: principal, arn: principal.roleArn };
  }
  const got = JSON.stringify(principal.policyFragment.principalJson);
  throw failure(`grantee must be a role, which OpenSearch is told of by its ARN, got: ${got}`, scope);
}
