import { epochMillis } from './dates';
import { illegalArgument, NOT_HERE, SearchError } from './errors';
import { isJson, Reader } from './strict';
import { Json } from '../aws/protocol';

export type FieldType = 'keyword' | 'text' | 'long' | 'date' | 'boolean';

/** A field of a mapping. */
export interface Field {
  readonly type: FieldType;
  /** Keyword only: longer values are kept but cannot be found. */
  readonly ignoreAbove?: number;
  /** Text only: as it was given, there is one. */
  readonly analyzer?: 'standard';
}

/** What a value of a field is to queries: text, a number (of a date the milliseconds), a truth. */
export type FieldValue = string | number | boolean;

/** The values by field; a field without any is not in it. */
export type FieldValues = ReadonlyMap<string, readonly FieldValue[]>;

/** What documents of an index look like. */
export interface Mapping {
  readonly dynamic: 'strict' | 'false';
  readonly meta?: Json;
  readonly fields: ReadonlyMap<string, Field>;
}

const OPTIONS: Readonly<Record<FieldType, readonly string[]>> = {
  keyword: ['type', 'ignore_above'],
  text: ['type', 'analyzer'],
  long: ['type'],
  date: ['type'],
  boolean: ['type'],
};

/** Lucene takes no longer term. */
const LONGEST_TERM_BYTES = 32_766;

function mapperParsing(reason: string, cause?: Json): SearchError {
  return new SearchError(400, 'mapper_parsing_exception', reason, cause === undefined ? {} : { caused_by: cause });
}

/** Reads `mappings`: explicit fields of the types that are here. */
export function readMapping(given: Json, before?: Mapping): Mapping {
  const reader = new Reader(given, '_doc', mapperParsing).only('dynamic', '_meta', 'properties');
  const dynamic = given.dynamic === undefined ? before?.dynamic : String(given.dynamic);
  if (dynamic !== 'strict' && dynamic !== 'false') {
    throw mapperParsing(`[dynamic] must be strict or false, ${String(dynamic)} is ${NOT_HERE}`);
  }
  const fields = new Map(before?.fields);
  for (const [name, options] of Object.entries(reader.optionalObject('properties') ?? {})) {
    const field = readField(name, options);
    const old = fields.get(name);
    if (old !== undefined && old.type !== field.type) {
      throw illegalArgument(`mapper [${name}] cannot be changed from type [${old.type}] to [${field.type}]`);
    }
    fields.set(name, field);
  }
  return { dynamic, meta: reader.optionalObject('_meta') ?? before?.meta, fields };
}

function readField(name: string, options: unknown): Field {
  if (!isJson(options)) throw mapperParsing(`Expected map for property [fields] on field [${name}]`);
  const given = options.type;
  const type = (Object.keys(OPTIONS) as FieldType[]).find((known) => known === given);
  if (type === undefined) {
    throw mapperParsing(
      `No handler for type [${String(given ?? 'object')}] declared on field [${name}], or ${NOT_HERE}`,
    );
  }
  if (name === '' || /[.*]/.test(name) || name.startsWith('_')) {
    throw mapperParsing(`field name [${name}] is ${NOT_HERE}`);
  }
  const other = Object.keys(options).find((option) => !OPTIONS[type].includes(option));
  if (other !== undefined) {
    throw mapperParsing(`unknown parameter [${other}] on mapper [${name}] of type [${type}], or ${NOT_HERE}`);
  }
  const reader = new Reader(options, name, mapperParsing);
  return {
    type,
    ...(reader.has('analyzer') ? { analyzer: reader.word('analyzer', ['standard'] as const, 'standard') } : {}),
    ...(reader.has('ignore_above') ? { ignoreAbove: reader.integer('ignore_above', 0, 1) } : {}),
  };
}

/** As `GET /<index>/_mapping` shows it. */
export function showMapping({ dynamic, meta, fields }: Mapping): Json {
  const properties = [...fields]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { ignoreAbove, ...field }]) => [
      name,
      ignoreAbove === undefined ? field : { ...field, ignore_above: ignoreAbove },
    ]);
  return {
    dynamic,
    ...(meta === undefined ? {} : { _meta: meta }),
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) as Json }),
  };
}

/** The values of a document's fields. */
export function readDocument(mapping: Mapping, id: string, source: Json): FieldValues {
  const values = new Map<string, FieldValue[]>();
  for (const [name, value] of Object.entries(source)) {
    const field = mapping.fields.get(name);
    if (field === undefined) {
      if (mapping.dynamic === 'false') continue;
      throw new SearchError(
        400,
        'strict_dynamic_mapping_exception',
        `mapping set to strict, dynamic introduction of [${name}] within [_doc] is not allowed`,
      );
    }
    const read = flatten(value).flatMap((item) => readValue(name, field, item, id));
    if (read.length > 0) values.set(name, read);
  }
  return values;
}

function flatten(value: unknown): unknown[] {
  if (Array.isArray(value)) return (value as unknown[]).flatMap(flatten);
  return value === null ? [] : [value];
}

function readValue(name: string, field: Field, value: unknown, id: string): FieldValue[] {
  const refuse = (type: string, reason: string): never => {
    throw failed(name, field, value, id, type, reason);
  };
  if (typeof value === 'object') return refuse('illegal_state_exception', "Can't get text on a START_OBJECT");
  const text = String(value);
  switch (field.type) {
    case 'text':
      return [text];
    case 'keyword':
      return readKeyword(name, field, text);
    case 'long':
      // Nothing, as text, is nothing.
      if (value === '') return [];
      if (Number.isInteger(Number(value)) && !Number.isSafeInteger(Number(value))) {
        throw illegalArgument(`[${name}] a whole number beyond 2^53 is ${NOT_HERE}: ${text}`);
      }
      return [readLong(value) ?? refuse('illegal_argument_exception', `For input string: "${text}"`)];
    case 'date':
      return [
        epochMillis(value) ??
          refuse(
            'illegal_argument_exception',
            `failed to parse date field [${text}] with format [strict_date_optional_time||epoch_millis]`,
          ),
      ];
    default:
      return [
        readBoolean(value) ??
          refuse(
            'illegal_argument_exception',
            `Failed to parse value [${text}] as only [true] or [false] are allowed.`,
          ),
      ];
  }
}

function readKeyword(name: string, { ignoreAbove }: Field, text: string): FieldValue[] {
  if (ignoreAbove !== undefined && text.length > ignoreAbove) return [];
  if (Buffer.byteLength(text) > LONGEST_TERM_BYTES) {
    throw illegalArgument(
      `Document contains at least one immense term in field="${name}" (whose UTF8 encoding is longer than the max length ${LONGEST_TERM_BYTES})`,
    );
  }
  return [text];
}

/** Numbers are cut to whole ones, and text is read, as by `coerce`, which is on unless told. */
export function readLong(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^[+-]?\d+(\.\d*)?$/.test(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(Math.trunc(number))) return undefined;
  return Math.trunc(number);
}

export function readBoolean(value: unknown): boolean | undefined {
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' || value === '' ? false : undefined;
}

function failed(name: string, field: Field, value: unknown, id: string, type: string, reason: string): SearchError {
  const preview = typeof value === 'string' ? value : JSON.stringify(value);
  return mapperParsing(
    `failed to parse field [${name}] of type [${field.type}] in document with id '${id}'. Preview of field's value: '${preview}'`,
    { type, reason },
  );
}
