import { randomUUID } from 'node:crypto';
import { LIST, MAP, MATH, STR } from './collections';
import { DYNAMODB } from './dynamodb';
import { text, util, UtilFunctions, utilObject } from './functions';
import { timeUtil } from './time';
import { javaMatches } from '../methods';
import { fromVtl, isMap, isVtlObject, toVtl, VOID, VtlError, vtlKind, VtlObject, VtlValue } from '../values';

/** An error that a template raises or adds. */
export interface RaisedError {
  readonly message: string;
  readonly errorType: string | null;
  readonly data: unknown;
  readonly errorInfo: unknown;
}

/** `$util.error`, `$util.validate` and `$util.unauthorized` end a template by it. */
export class TemplateError extends Error {
  public constructor(public readonly raised: RaisedError) {
    super(raised.message);
  }
}

/** What `$util` needs of the field that is resolved. */
export interface UtilContext {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `User Pool Authorization`, as `$util.authType()` says it. */
  readonly authType: string;
  /** For the message of `$util.unauthorized()`. */
  readonly parentTypeName: string;
  readonly fieldName: string;
  readonly append: (error: RaisedError) => void;
}

/** AppSync's own type of what `$util.validate` raises. */
const VALIDATION = 'CustomTemplateException';

/** "Not Authorized to access post on type Query". */
export function notAuthorized(fieldName: string, parentTypeName: string): RaisedError {
  const message = `Not Authorized to access ${fieldName} on type ${parentTypeName}`;
  return { message, errorType: 'Unauthorized', data: null, errorInfo: null };
}

function errorOf(message: VtlValue, type: VtlValue = null, data: VtlValue = null, info: VtlValue = null): RaisedError {
  return {
    message: text(message),
    errorType: type === null ? null : text(type),
    data: fromVtl(data),
    errorInfo: fromVtl(info),
  };
}

const isEmpty = (value: VtlValue): boolean => value === null || value === '' || isEmptyCollection(value);
const isEmptyCollection = (value: VtlValue): boolean =>
  (Array.isArray(value) && value.length === 0) || (isMap(value) && value.size === 0);
const isBlank = (value: VtlValue): boolean => value === null || text(value).trim() === '';

const typeOf = (value: VtlValue): string => {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'List';
  if (isMap(value)) return 'Map';
  if (isVtlObject(value)) throw new VtlError(`${value.vtlName} has no type here`);
  return { string: 'String', number: 'Number', boolean: 'Boolean' }[typeof value as 'string' | 'number' | 'boolean'];
};

function parseJson(json: string): VtlValue {
  try {
    return toVtl(JSON.parse(json));
  } catch {
    throw new VtlError('what is given is no JSON');
  }
}

/** As `application/x-www-form-urlencoded`. */
const urlEncode = (value: string): string => new URLSearchParams({ '': value }).toString().slice(1);

const GENERAL: UtilFunctions = {
  qr: util(1, () => VOID),
  quiet: util(1, () => VOID),
  toJson: util(1, (value) => JSON.stringify(fromVtl(value))),
  parseJson: util(1, (value) => parseJson(text(value))),
  urlEncode: util(1, (value) => urlEncode(text(value))),
  urlDecode: util(1, (value) => new URLSearchParams(`v=${text(value)}`).get('v') ?? ''),
  base64Encode: util(1, (value) => Buffer.from(text(value), 'utf8').toString('base64')),
  base64Decode: util(1, (value) => Buffer.from(text(value), 'base64').toString('utf8')),
  autoId: util(0, () => randomUUID()),
  isNull: util(1, (value) => value === null),
  isNullOrEmpty: util(1, isEmpty),
  isNullOrBlank: util(1, isBlank),
  defaultIfNull: util(2, (value, other) => value ?? other),
  defaultIfNullOrEmpty: util(2, (value, other) => (isEmpty(value) ? other : value)),
  defaultIfNullOrBlank: util(2, (value, other) => (isBlank(value) ? other : value)),
  isString: util(1, (value) => typeof value === 'string'),
  isNumber: util(1, (value) => typeof value === 'number'),
  isBoolean: util(1, (value) => typeof value === 'boolean'),
  isList: util(1, (value) => Array.isArray(value)),
  isMap: util(1, isMap),
  typeOf: util(1, typeOf),
  matches: util(2, (pattern, value) => javaMatches(text(pattern), text(value))),
  escapeJavaScript: util(1, (value) => JSON.stringify(text(value)).slice(1, -1).replace(/['/]/g, '\\$&')),
};

/** `$util`, after "Utility helpers in $util" of the AppSync developer guide. What is not here is refused by name. */
export function makeUtil({ now, authType, parentTypeName, fieldName, append }: UtilContext): VtlObject {
  const raise = (error: RaisedError): never => {
    throw new TemplateError(error);
  };
  const errors: UtilFunctions = {
    error: util([1, 2, 3, 4], (...args) => raise(errorOf(...(args as [VtlValue])))),
    appendError: util([1, 2, 3, 4], (...args) => {
      append(errorOf(...(args as [VtlValue])));
      return VOID;
    }),
    unauthorized: util(0, () => raise(notAuthorized(fieldName, parentTypeName))),
    validate: util([2, 3, 4], (condition, message, type, data) => {
      if (typeof condition !== 'boolean') throw new VtlError(`a boolean is needed, got ${vtlKind(condition)}`);
      return condition ? VOID : raise(errorOf(message, type ?? VALIDATION, data));
    }),
    authType: util(0, () => authType),
  };
  const parts = { dynamodb: DYNAMODB, time: timeUtil(now), list: LIST, map: MAP, str: STR, math: MATH };
  return utilObject('$util', { ...GENERAL, ...errors }, parts);
}
