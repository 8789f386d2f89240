import type { Template } from 'aws-cdk-lib/assertions';

/** What a table is called where its name is not known before it is deployed. */
const TABLE = 'TheTable';

interface Resource {
  readonly Properties: Readonly<Record<string, unknown>>;
}

/** A property as CloudFormation makes it: text, or text around the name of a table. */
function textOf(property: unknown): string {
  if (typeof property === 'string') return property;
  const parts = (property as { 'Fn::Join'?: [string, (string | { Ref: string })[]] })['Fn::Join']?.[1];
  if (parts === undefined) throw new Error(`no template: ${JSON.stringify(property)}`);
  return parts.map((part) => (typeof part === 'string' ? part : TABLE)).join('');
}

/**
 * The mapping templates of a stack: `Append request`, `Query.claim response` and so on, by the name of the step or field.
 */
export function mappingTemplates(template: Template): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, { Properties: properties }: Resource) => {
    found.set(`${name} request`, textOf(properties.RequestMappingTemplate));
    found.set(`${name} response`, textOf(properties.ResponseMappingTemplate));
  };
  const of = (type: string) => Object.values(template.findResources(type)) as Resource[];
  of('AWS::AppSync::FunctionConfiguration').forEach((step) => add(String(step.Properties.Name), step));
  of('AWS::AppSync::Resolver').forEach((resolver) => {
    add(`${String(resolver.Properties.TypeName)}.${String(resolver.Properties.FieldName)}`, resolver);
  });
  return found;
}
