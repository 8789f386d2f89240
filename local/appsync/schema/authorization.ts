import { ConstDirectiveNode, Kind } from 'graphql';

/** How a caller shows who it is. */
export type AuthMode = 'AMAZON_COGNITO_USER_POOLS' | 'AWS_IAM';

/** The modes of an API. */
export interface ApiModes {
  readonly main: AuthMode;
  readonly additional: readonly AuthMode[];
}

/** Who may see a field: any mode of it is enough. */
export type FieldRule = readonly {
  readonly mode: AuthMode;
  /** One of these is needed. @default - everybody of the mode */
  readonly groups?: readonly string[];
}[];

const MODES: Readonly<Record<string, AuthMode>> = {
  aws_iam: 'AWS_IAM',
  aws_cognito_user_pools: 'AMAZON_COGNITO_USER_POOLS',
  aws_auth: 'AMAZON_COGNITO_USER_POOLS',
};

/** Directives for modes that are not here. */
const OTHER_MODES = ['aws_api_key', 'aws_oidc', 'aws_lambda'];

type Directives = readonly ConstDirectiveNode[] | undefined;

/**
 * The rule of a field: what its own directives say, or else those of its type, or else the API's main mode. After
 * "Configuring authorization and authentication to secure your GraphQL APIs" of the AppSync developer guide.
 *
 * @param where for messages: `Query.post`
 * @throws an Error naming a directive that is not taken here
 */
export function fieldRule(ofField: Directives, ofType: Directives, modes: ApiModes, where: string): FieldRule {
  const own = readRules(ofField, modes, where);
  if (own.length > 0) return own;
  const inherited = readRules(ofType, modes, where);
  return inherited.length > 0 ? inherited : [{ mode: modes.main }];
}

function readRules(directives: Directives = [], modes: ApiModes, where: string): FieldRule {
  return directives.flatMap((directive) => {
    const name = directive.name.value;
    if (OTHER_MODES.includes(name)) throw new Error(`${where}: @${name} is not supported here`);
    if (!Object.hasOwn(MODES, name)) return [];
    const mode = MODES[name];
    // "You can't use the @aws_auth directive along with additional authorization modes."
    if (name === 'aws_auth' && (modes.main !== mode || modes.additional.length > 0)) {
      throw new Error(
        `${where}: @aws_auth works with Cognito user pools as the only mode, use @aws_cognito_user_pools`,
      );
    }
    if (modes.main !== mode && !modes.additional.includes(mode)) {
      throw new Error(`${where}: @${name} needs the authorization mode ${mode}, which the API does not have`);
    }
    return [{ mode, ...groupsOf(directive) }];
  });
}

function groupsOf(directive: ConstDirectiveNode): { readonly groups?: readonly string[] } {
  const given = directive.arguments?.find(({ name }) => name.value === 'cognito_groups')?.value;
  if (given === undefined || given.kind === Kind.NULL) return {};
  const values = given.kind === Kind.LIST ? given.values : [given];
  return { groups: values.map((value) => (value.kind === Kind.STRING ? value.value : '')) };
}

/** Whether a rule lets in who came by a mode and is in groups. */
export function ruleAllows(rule: FieldRule, mode: AuthMode, groups: readonly string[]): boolean {
  return rule.some(
    (entry) =>
      entry.mode === mode && (entry.groups === undefined || entry.groups.some((group) => groups.includes(group))),
  );
}
