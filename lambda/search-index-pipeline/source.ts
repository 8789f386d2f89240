import type { AttributeValue } from 'aws-lambda';
import * as z from 'zod/mini';

/** Which items of a table are documents of an index, and what of them. */
export const DOCUMENT_SOURCE = z.object({
  /** Values of `entityTypeAttribute` that make an item a document; all items are where this is left out. */
  entityTypes: z.optional(z.array(z.string())),
  entityTypeAttribute: z.optional(z.string()),
  /** Attributes whose values, joined by `|`, are the id. */
  idAttributes: z.array(z.string()).check(z.minLength(1)),
  /** A number that grows with each write of the item. */
  versionAttribute: z.string(),
  /** Attributes that the document has; where the item lacks one, so does the document. */
  fields: z.array(z.string()),
});
export type DocumentSource = z.infer<typeof DOCUMENT_SOURCE>;

export type Image = Readonly<Record<string, AttributeValue>>;

/** An item that cannot be a document: reading it again cannot help. Names what is wrong, and no value. */
export class UnreadableItem extends Error {
  public constructor(what: string) {
    super(`Unreadable item: ${what}`);
    this.name = 'UnreadableItem';
  }
}

/** Bytes of an id that OpenSearch takes. @see https://docs.opensearch.org/latest/field-types/metadata-fields/id/ */
const MAX_ID_BYTES = 512;

/** Twice a version and one more is still an exact number. */
const MAX_VERSION = 2 ** 52 - 1;

export function isDocument(image: Image | undefined, source: DocumentSource): image is Image {
  if (!image) {
    return false;
  }
  const { entityTypes, entityTypeAttribute } = source;
  return (
    entityTypes === undefined ||
    (entityTypeAttribute !== undefined && entityTypes.includes(image[entityTypeAttribute]?.S ?? ''))
  );
}

export function idOf(image: Image, { idAttributes }: DocumentSource): string {
  let id = '';
  for (const name of idAttributes) {
    const value = image[name]?.S ?? image[name]?.N;
    if (value === undefined || value === '') {
      throw new UnreadableItem(`${name} must be a text or a number that is not empty`);
    }
    id = id === '' ? value : `${id}|${value}`;
  }
  // A character has at most three bytes, and most ids are short.
  if (id.length * 3 > MAX_ID_BYTES && Buffer.byteLength(id) > MAX_ID_BYTES) {
    throw new UnreadableItem(`an id has at most ${MAX_ID_BYTES} bytes, got ${Buffer.byteLength(id)}`);
  }
  return id;
}

export function versionOf(image: Image, { versionAttribute }: DocumentSource): number {
  const version = Number(image[versionAttribute]?.N);
  if (!Number.isInteger(version) || version < 1 || version > MAX_VERSION) {
    throw new UnreadableItem(`${versionAttribute} must be a whole number from 1 to ${MAX_VERSION}`);
  }
  return version;
}

/**
 * A number as JSON has it. Digits that a JavaScript number has no room for stay a text: OpenSearch reads one where the
 * field is a number, unless the mapping says `coerce: false`. Zero-ETL sends all digits as a number, of any size.
 *
 * @see https://docs.opensearch.org/latest/mappings/mapping-parameters/coerce/
 * @see https://github.com/opensearch-project/data-prepper (StreamRecordConverter of dynamodb-source: BigDecimal)
 */
function numberOf(digits: string): number | string {
  const number = Number(digits);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? digits : number;
}

/** The value as JSON has it. Sets are lists; bytes are base64, as the stream has them. */
function valueOf(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) {
    return attribute.S;
  }
  const [type, value] = Object.entries(attribute)[0] as [string, unknown];
  switch (type) {
    case 'N':
      return numberOf(value as string);
    case 'NS':
      return (value as string[]).map(numberOf);
    case 'NULL':
      return null;
    case 'L':
      return (value as AttributeValue[]).map(valueOf);
    case 'M':
      return Object.fromEntries(Object.entries(value as Image).map(([name, inner]) => [name, valueOf(inner)]));
    default:
      return value;
  }
}

export function documentOf(image: Image, { fields }: DocumentSource): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  for (const name of fields) {
    const attribute = image[name];
    if (attribute) {
      document[name] = valueOf(attribute);
    }
  }
  return document;
}
