import { DeployedResource } from '../types';

/** What a provider knows of one CloudFormation type. */
export interface KnownProperties {
  /** Properties that are obeyed. */
  readonly used: readonly string[];
  /** Properties that mean nothing on one machine (tags, encryption, backups). */
  readonly inert: readonly string[];
}

/** `AWS::SQS::Queue MyStack/Queue`, for messages. */
export function describeResource(resource: DeployedResource): string {
  return `${resource.type} ${resource.stackName}/${resource.logicalId}`;
}

/** The Error for something about a resource that is not supported here. */
export function refuse(resource: DeployedResource, what: string): Error {
  return new Error(`${describeResource(resource)}: ${what}`);
}

/** Refuses properties that are in neither list, by name. */
export function checkProperties(resource: DeployedResource, known: KnownProperties): void {
  checkKeys(resource, '', resource.properties, [...known.used, ...known.inert]);
}

/** Refuses keys of a nested object that are not in the list, by name. */
export function checkKeys(resource: DeployedResource, path: string, value: unknown, known: readonly string[]): void {
  const unknown = Object.keys(asObject(value) ?? {}).filter((key) => !known.includes(key));
  if (unknown.length > 0) {
    const names = unknown.map((key) => (path === '' ? key : `${path}.${key}`)).join(', ');
    throw refuse(resource, `property ${names} is not supported by the local runner`);
  }
}

/** The value as an object, or undefined. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/** The value as a list of objects; an absent one is empty. */
export function asObjects(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map((entry) => asObject(entry) ?? {}) : [];
}

/** A number property within bounds; CloudFormation also writes numbers as strings. */
export function numberProperty(
  resource: DeployedResource,
  name: string,
  fallback: number,
  bounds: readonly [number, number],
): number {
  const value = resource.properties[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if (!Number.isFinite(number) || number < bounds[0] || number > bounds[1]) {
    throw refuse(resource, `${name} must be ${bounds[0]} to ${bounds[1]}, got ${JSON.stringify(value)}`);
  }
  return number;
}

/** A boolean property; CloudFormation also writes `'true'`. */
export function booleanProperty(resource: DeployedResource, name: string, fallback: boolean): boolean {
  const value = resource.properties[name];
  if (value === undefined) return fallback;
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw refuse(resource, `${name} must be true or false, got ${JSON.stringify(value)}`);
}

/** A string property, absent as undefined. */
export function stringProperty(resource: DeployedResource, name: string): string | undefined {
  const value = resource.properties[name];
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw refuse(resource, `${name} must be a string, got ${JSON.stringify(value)}`);
  return value;
}
