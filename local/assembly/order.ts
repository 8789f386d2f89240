import { intrinsicName, substitutions } from './evaluate';
import { isObject } from './json';
import { TemplateResource } from './template';

/** Collects the logical ids a value refers to. */
function collect(value: unknown, into: Set<string>): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) collect(item, into);
    return;
  }
  if (!isObject(value)) return;
  const name = intrinsicName(value);
  const argument = name === undefined ? undefined : value[name];
  if (name === 'Ref' && typeof argument === 'string') {
    into.add(argument);
  } else if (name === 'Fn::GetAtt') {
    const target: unknown = Array.isArray(argument) ? argument[0] : String(argument).split('.')[0];
    if (typeof target === 'string') into.add(target);
    if (Array.isArray(argument)) collect(argument[1], into);
  } else if (name === 'Fn::Sub') {
    const text: unknown = Array.isArray(argument) ? argument[0] : argument;
    if (typeof text === 'string') for (const variable of substitutions(text)) into.add(variable.split('.')[0] ?? '');
    if (Array.isArray(argument)) collect(argument[1], into);
  } else {
    for (const item of Object.values(value)) collect(item, into);
  }
}

/**
 * Orders the resources of a stack so that each comes after what it refers to and what it depends on; otherwise as in
 * the template.
 *
 * @throws an Error with the members of a circle, or naming a DependsOn that is not in the template
 */
export function orderResources(stackName: string, resources: readonly TemplateResource[]): TemplateResource[] {
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const ordered: TemplateResource[] = [];
  const done = new Set<string>();
  const trail: string[] = [];
  const visit = (resource: TemplateResource): void => {
    if (done.has(resource.logicalId)) return;
    const start = trail.indexOf(resource.logicalId);
    if (start >= 0) {
      const circle = [...trail.slice(start), resource.logicalId].join(' -> ');
      throw new Error(`${stackName}: resources depend on each other in a circle: ${circle}`);
    }
    trail.push(resource.logicalId);
    for (const id of resource.dependsOn) {
      if (!byId.has(id)) throw new Error(`${stackName}/${resource.logicalId}: DependsOn ${id} is not in the template`);
    }
    const references = new Set(resource.dependsOn);
    collect(resource.properties, references);
    for (const id of references) {
      // The rest are parameters and pseudo parameters; a wrong name fails when it is evaluated.
      const other = byId.get(id);
      if (other !== undefined && id !== resource.logicalId) visit(other);
    }
    trail.pop();
    done.add(resource.logicalId);
    ordered.push(resource);
  };
  resources.forEach(visit);
  return ordered;
}
