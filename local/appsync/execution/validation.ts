import {
  DocumentNode,
  GraphQLSchema,
  Kind,
  NoSchemaIntrospectionCustomRule,
  OperationDefinitionNode,
  SelectionSetNode,
  specifiedRules,
  validate,
} from 'graphql';
import { AnswerError, validationError } from './errors';

/** What AppSync calls the rules; a rule without a name here keeps its own. */
const NAMES: Readonly<Record<string, string>> = {
  FieldsOnCorrectTypeRule: 'FieldUndefined',
  KnownArgumentNamesRule: 'UnknownArgument',
  ProvidedRequiredArgumentsRule: 'MissingFieldArgument',
  ValuesOfCorrectTypeRule: 'WrongType',
  ScalarLeafsRule: 'SubSelectionRequired',
  KnownTypeNamesRule: 'UnknownType',
  KnownFragmentNamesRule: 'UndefinedFragment',
  KnownDirectivesRule: 'UnknownDirective',
  NoUndefinedVariablesRule: 'UndefinedVariable',
  NoUnusedVariablesRule: 'UnusedVariable',
  NoUnusedFragmentsRule: 'UnusedFragment',
  VariablesInAllowedPositionRule: 'VariableTypeMismatch',
  OverlappingFieldsCanBeMergedRule: 'FieldsConflict',
};

/** Bounds of an API's requests. */
export interface RequestLimits {
  readonly introspection: boolean;
  /** @default - none */
  readonly depth?: number;
  readonly resolvers: number;
}

/** What is wrong with a document; empty where nothing is. */
export function validateDocument(schema: GraphQLSchema, document: DocumentNode, limits: RequestLimits): AnswerError[] {
  const rules = limits.introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  // Errors do not say which rule they are of: each is asked by itself where there are any.
  if (validate(schema, document, rules).length === 0) return [];
  return rules.flatMap((rule) =>
    validate(schema, document, [rule]).map((error) =>
      validationError(NAMES[rule.name] ?? rule.name.replace(/Rule$/, ''), error),
    ),
  );
}

/** How deep an operation goes. Whether AppSync counts introspection is not documented; here it does. */
export function depthOf(operation: OperationDefinitionNode, document: DocumentNode): number {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node.selectionSet] as const] : [],
    ),
  );
  const depth = (set: SelectionSetNode | undefined): number =>
    Math.max(
      0,
      ...(set?.selections ?? []).map((selection) => {
        if (selection.kind === Kind.FIELD) {
          return 1 + depth(selection.selectionSet);
        }
        return depth(
          selection.kind === Kind.INLINE_FRAGMENT ? selection.selectionSet : fragments.get(selection.name.value),
        );
      }),
    );
  return depth(operation.selectionSet);
}
