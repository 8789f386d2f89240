import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { failure } from '../core/checks';

/**
 * What somebody does with an index: read it, write documents by the alias, bring changes into every index that takes
 * writes, write as OpenSearch Ingestion does, load an index and turn readers to it, make indexes and the alias, or begin and
 * cancel what loads one.
 *
 * @internal
 */
export type SearchAccess = 'search' | 'index' | 'ingest' | 'pipeline' | 'reindex' | 'manage' | 'begin';

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

  /** Those that a function writes: `articles-000001`, and by it also the alias by which alone it is written. */
  public get written(): string {
    return `${this.alias}-0*`;
  }

  /** The alias of all indexes that take writes, by which they are found. */
  public get writers(): string {
    return `${this.alias}-writes`;
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
