import { expectObject, expectString, isObject, JsonObject, stringList } from './json';

/** A resource as the template holds it, intrinsics unresolved. */
export interface TemplateResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly dependsOn: readonly string[];
  readonly condition?: string;
  readonly metadata: JsonObject;
}

/** A CloudFormation template, checked for sections that this runner does not know. */
export interface Template {
  readonly resources: readonly TemplateResource[];
  readonly parameters: JsonObject;
  readonly conditions: JsonObject;
  readonly mappings: JsonObject;
  readonly outputs: JsonObject;
}

const KNOWN_SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
  'Rules',
]);

const KNOWN_RESOURCE_KEYS = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  // What happens at deletion or at a later update has no meaning here: nothing is ever deleted or updated.
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'UpdatePolicy',
]);

/** The rule that `cdk bootstrap` be recent enough; there is nothing to bootstrap on one machine. */
const BOOTSTRAP_RULE = 'CheckBootstrapVersion';

function section(body: JsonObject, name: string, stackName: string): JsonObject {
  return body[name] === undefined ? {} : expectObject(body[name], `${stackName}: ${name}`);
}

function parseResource(stackName: string, logicalId: string, value: unknown): TemplateResource {
  const where = `${stackName}/${logicalId}`;
  const body = expectObject(value, where);
  for (const key of Object.keys(body)) {
    if (!KNOWN_RESOURCE_KEYS.has(key)) throw new Error(`${where}: resource attribute ${key} is not supported here`);
  }
  return {
    logicalId,
    type: expectString(body.Type, `${where}: Type`),
    properties: body.Properties === undefined ? {} : expectObject(body.Properties, `${where}: Properties`),
    dependsOn: body.DependsOn === undefined ? [] : stringList(body.DependsOn, `${where}: DependsOn`),
    condition: body.Condition === undefined ? undefined : expectString(body.Condition, `${where}: Condition`),
    metadata: isObject(body.Metadata) ? body.Metadata : {},
  };
}

/** Reads a template. Throws an Error that names the section or resource attribute that is unknown. */
export function parseTemplate(stackName: string, content: unknown): Template {
  const body = expectObject(content, `${stackName}: the template`);
  for (const name of Object.keys(body)) {
    if (!KNOWN_SECTIONS.has(name)) throw new Error(`${stackName}: template section ${name} is not supported here`);
  }
  for (const rule of Object.keys(section(body, 'Rules', stackName))) {
    if (rule !== BOOTSTRAP_RULE) throw new Error(`${stackName}: rule ${rule} is not supported here`);
  }
  return {
    resources: Object.entries(section(body, 'Resources', stackName)).map(([id, value]) =>
      parseResource(stackName, id, value),
    ),
    parameters: section(body, 'Parameters', stackName),
    conditions: section(body, 'Conditions', stackName),
    mappings: section(body, 'Mappings', stackName),
    outputs: section(body, 'Outputs', stackName),
  };
}
