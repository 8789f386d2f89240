import { VtlError, vtlKind, VtlMap, VtlObject, VtlValue, isMap, VOID } from '../values';

/** A function of `$util`: how many arguments it takes, and what it does with them. */
export interface UtilFunction {
  readonly takes: readonly number[];
  readonly run: (...args: VtlValue[]) => VtlValue | typeof VOID;
}

export type UtilFunctions = Readonly<Record<string, UtilFunction>>;

export function util(takes: number | readonly number[], run: UtilFunction['run']): UtilFunction {
  return { takes: [takes].flat(), run };
}

/** Functions and properties under a name of a template. */
export function utilObject(
  vtlName: string,
  functions: UtilFunctions,
  properties: Readonly<Record<string, VtlValue>> = {},
): VtlObject {
  return {
    vtlName,
    property: (name) => (Object.hasOwn(properties, name) ? properties[name] : undefined),
    call: (name, args) => {
      const found = Object.hasOwn(functions, name) ? functions[name] : undefined;
      if (found === undefined) throw new VtlError(`${vtlName}.${name} is not known here`);
      if (!found.takes.includes(args.length)) {
        throw new VtlError(`${vtlName}.${name} takes ${found.takes.join(' or ')} arguments, got ${args.length}`);
      }
      try {
        return found.run(...args);
      } catch (error) {
        if (error instanceof VtlError) throw new VtlError(`${vtlName}.${name}: ${error.message}`);
        throw error;
      }
    },
  };
}

export function text(value: VtlValue): string {
  if (typeof value !== 'string') throw new VtlError(`a string is needed, got ${vtlKind(value)}`);
  return value;
}

export function number(value: VtlValue): number {
  if (typeof value !== 'number') throw new VtlError(`a number is needed, got ${vtlKind(value)}`);
  return value;
}

export function list(value: VtlValue): VtlValue[] {
  if (!Array.isArray(value)) throw new VtlError(`a list is needed, got ${vtlKind(value)}`);
  return value;
}

export function map(value: VtlValue): VtlMap {
  if (!isMap(value)) throw new VtlError(`a map is needed, got ${vtlKind(value)}`);
  return value;
}
