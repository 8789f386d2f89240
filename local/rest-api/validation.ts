import { ErrorObject, ValidateFunction } from 'ajv';
import Ajv from 'ajv-draft-04';
import { queryLists } from './event';
import { Refusal } from './gateway-responses';
import { GatewayRequest } from '../gateway/request';

/** A value of a request, by its name. */
export interface RequestParameter {
  readonly from: 'header' | 'path' | 'querystring';
  readonly name: string;
}

/** Reads `method.request.querystring.q`. @throws an Error for anything else */
export function parseParameter(text: string, where: string): RequestParameter {
  const [, from, name = ''] = /^method\.request\.(header|path|querystring)\.(.+)$/.exec(text) ?? [];
  if (from !== 'header' && from !== 'path' && from !== 'querystring') {
    throw new Error(`${where}: request parameter ${text} is not supported here`);
  }
  return { from, name };
}

/** The parts of a request that a method validates. */
export interface Validation {
  readonly required: readonly RequestParameter[];
  /** By content type. */
  readonly models: ReadonlyMap<string, ValidateFunction>;
}

/** The JSON schemas of an API: draft 4, as API Gateway has it. */
export class Models {
  private readonly schemas = new Map<string, object>([
    ['Empty', {}],
    ['Error', {}],
  ]);

  public constructor(private readonly apiId: string) {}

  public add(name: string, schema: object): void {
    this.schemas.set(name, schema);
  }

  /**
   * Compiles every schema as it is now.
   *
   * @throws an Error naming the model whose schema is none
   */
  public compile(): ReadonlyMap<string, ValidateFunction> {
    const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false, verbose: true });
    const address = (name: string): string => `https://apigateway.amazonaws.com/restapis/${this.apiId}/models/${name}`;
    for (const [name, schema] of this.schemas) ajv.addSchema(schema, address(name));
    return new Map(
      [...this.schemas.keys()].map((name) => {
        try {
          return [name, ajv.getSchema(address(name)) as ValidateFunction];
        } catch (error) {
          throw new Error(`model ${name}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }),
    );
  }
}

/** Says what is wrong with a request; undefined when nothing is. Parameters come first. */
export function findFault(
  request: GatewayRequest,
  pathParameters: Readonly<Record<string, string>>,
  validation: Validation,
): Refusal | undefined {
  const query = queryLists(request.rawQuery);
  const missing = validation.required.filter(({ from, name }) => {
    if (from === 'header') return !request.headers[name.toLowerCase()];
    return from === 'path' ? !pathParameters[name] : !query[name]?.at(-1);
  });
  if (missing.length > 0) {
    const message = `Missing required request parameters: [${missing.map(({ name }) => name).join(', ')}]`;
    return { type: 'BAD_REQUEST_PARAMETERS', message, validation: message };
  }
  const type = (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
  // A type without a model is not validated: the function sees whatever it is. `$default` is a model of every type
  // ("Request validation for REST APIs" of the developer guide).
  const validate = validation.models.get(type) ?? validation.models.get('$default');
  if (validate === undefined) return undefined;
  const invalid = (text: string): Refusal => ({
    type: 'BAD_REQUEST_BODY',
    message: 'Invalid request body',
    validation: text,
  });
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString('utf8'));
  } catch {
    return invalid('Invalid JSON');
  }
  if (validate(body) === true) return undefined;
  return invalid(`[${(validate.errors ?? []).map(describeError).join(', ')}]`);
}

type Text = (params: Record<string, unknown>, data: unknown, error: ErrorObject) => string;

const quoted = (value: unknown): string => JSON.stringify(value);

/** After the words of the validator that API Gateway uses (fge's json-schema-validator). */
const TEXTS: Readonly<Record<string, Text>> = {
  additionalProperties: ({ additionalProperty }) =>
    `object instance has properties which are not allowed by the schema: [${quoted(additionalProperty)}]`,
  enum: ({ allowedValues }, data) =>
    `instance value (${quoted(data)}) not found in enum (possible values: ${quoted(allowedValues)})`,
  maxLength: ({ limit }, data) =>
    `string ${quoted(data)} is too long (length: ${String(data).length}, maximum allowed: ${String(limit)})`,
  minLength: ({ limit }, data) =>
    `string ${quoted(data)} is too short (length: ${String(data).length}, required minimum: ${String(limit)})`,
  pattern: ({ pattern }, data) => `ECMA 262 regex ${quoted(pattern)} does not match input string ${quoted(data)}`,
  required: ({ missingProperty }) => `object has missing required properties ([${quoted(missingProperty)}])`,
  type: ({ type }, data) =>
    `instance type (${kindOf(data)}) does not match any allowed primitive type (allowed: ${quoted([type].flat())})`,
};

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value;
}

function describeError(error: ErrorObject): string {
  const text = TEXTS[error.keyword];
  return text === undefined ? (error.message ?? error.keyword) : text(error.params, error.data, error);
}
