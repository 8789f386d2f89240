import { buildASTSchema, DirectiveNode, FieldDefinitionNode, getArgumentValues, parse } from 'graphql';
import { KNOWN } from './own';

/** What a directive says, by its arguments. */
export type Said = Readonly<Record<string, unknown>>;

/**
 * What directives of a name say on a field.
 *
 * @internal
 */
export function directivesOf(field: FieldDefinitionNode, name: string): Said[] {
  return (field.directives ?? [])
    .filter((directive) => directive.name.value === name)
    .map((directive) => saidBy(directive));
}

/** The directives that a schema may have. */
const DIRECTIVES = buildASTSchema(parse(`${KNOWN}type Query { nothing: Int }`));

/**
 * What one directive says; nothing of one that nobody knows.
 *
 * @throws Error that names an argument whose value is of another type
 * @internal
 */
export function saidBy(directive: DirectiveNode): Said {
  const known = DIRECTIVES.getDirective(directive.name.value);
  return known ? getArgumentValues(known, directive) : {};
}

/** Directives that say where a query reads, and are nothing that AppSync knows. @internal */
export const OWN_DIRECTIVES: ReadonlySet<string> = new Set(['view', 'list']);

/**
 * Directives of AppSync that an API with users of a pool has no use for, each with what is to be done instead.
 *
 * `@aws_auth` is heeded only where there is no mode beside the user pool, and these APIs have IAM as well.
 *
 * @see https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
 * @internal
 */
export const REFUSED_DIRECTIVES: Readonly<Record<string, string>> = {
  aws_auth: 'use @aws_cognito_user_pools(cognito_groups: [...]): beside a second mode AppSync does not heed @aws_auth',
  aws_api_key: 'this API takes tokens of its user pool, and no keys',
  aws_oidc: 'this API takes tokens of its user pool alone',
  aws_lambda: 'this API takes tokens of its user pool alone',
  aws_subscribe: "subscriptions are the library's",
  aws_publish: "subscriptions are the library's",
};
