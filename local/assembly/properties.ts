import { DeployedResource } from '../types';
import { expectList, expectObject, expectString, JsonObject, kindOf } from './json';

/** Which properties of a type are obeyed here, and which have no meaning on one machine. */
export interface KnownProperties {
  readonly used: readonly string[];
  readonly inert?: readonly string[];
}

/** How a resource is named in messages: its stack and construct path or logical id, and its type. */
export function describe(resource: Pick<DeployedResource, 'stackName' | 'logicalId' | 'type' | 'path'>): string {
  return `${resource.stackName}/${resource.logicalId} (${resource.type}${resource.path ? `, ${resource.path}` : ''})`;
}

/**
 * Typed reading of a resource's resolved properties. Made with the list of what is known, so that a property nobody
 * thought of fails by name instead of being ignored.
 */
export class PropertyReader {
  public constructor(
    private readonly resource: DeployedResource,
    known: KnownProperties,
  ) {
    const names = new Set([...known.used, ...(known.inert ?? [])]);
    for (const name of Object.keys(resource.properties)) {
      if (!names.has(name)) throw new Error(`${describe(resource)}: property ${name} is not supported here`);
    }
  }

  public has(name: string): boolean {
    return this.resource.properties[name] !== undefined;
  }

  public string(name: string): string {
    return expectString(this.resource.properties[name], this.where(name));
  }

  public optionalString(name: string): string | undefined {
    return this.has(name) ? this.string(name) : undefined;
  }

  /** CloudFormation takes numbers as strings as well. */
  public optionalNumber(name: string): number | undefined {
    const value = this.resource.properties[name];
    if (value === undefined) return undefined;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw new Error(`${this.where(name)} must be a number, got ${JSON.stringify(value)}`);
    }
    return number;
  }

  /** CloudFormation takes `"true"` and `"false"` as well. */
  public optionalBoolean(name: string): boolean | undefined {
    const value = this.resource.properties[name];
    if (value === undefined) return undefined;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new Error(`${this.where(name)} must be true or false, got ${JSON.stringify(value) ?? kindOf(value)}`);
  }

  /** A number within bounds. */
  public number(name: string, fallback: number, [least, most]: readonly [number, number]): number {
    const number = this.optionalNumber(name) ?? fallback;
    if (number < least || number > most) {
      throw new Error(`${this.where(name)} must be ${least} to ${most}, got ${number}`);
    }
    return number;
  }

  public boolean(name: string, fallback: boolean): boolean {
    return this.optionalBoolean(name) ?? fallback;
  }

  /** As it stands in the template. */
  public value(name: string): unknown {
    return this.resource.properties[name];
  }

  public optionalObject(name: string): JsonObject | undefined {
    return this.has(name) ? expectObject(this.resource.properties[name], this.where(name)) : undefined;
  }

  public object(name: string): JsonObject {
    return expectObject(this.resource.properties[name], this.where(name));
  }

  public list(name: string): readonly unknown[] {
    return this.has(name) ? expectList(this.resource.properties[name], this.where(name)) : [];
  }

  /** A nested object with its own list of known keys. */
  public nested(name: string, known: KnownProperties): PropertyReader | undefined {
    const value = this.optionalObject(name);
    if (value === undefined) return undefined;
    return new PropertyReader(
      { ...this.resource, logicalId: `${this.resource.logicalId}.${name}`, properties: value },
      known,
    );
  }

  /** Nested objects of a list, each with the same list of known keys. */
  public nestedList(name: string, known: KnownProperties): PropertyReader[] {
    return this.list(name).map((value, index) => {
      const properties = expectObject(value, `${this.where(name)}[${index}]`);
      const logicalId = `${this.resource.logicalId}.${name}[${index}]`;
      return new PropertyReader({ ...this.resource, logicalId, properties }, known);
    });
  }

  /** Raises an error that names the resource. */
  public refuse(message: string): never {
    throw new Error(`${describe(this.resource)}: ${message}`);
  }

  private where(name: string): string {
    return `${describe(this.resource)}: ${name}`;
  }
}
