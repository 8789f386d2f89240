import { JsonObject } from '../../assembly';

/** What a data source failed with: `$ctx.error`. */
export interface DataSourceError {
  readonly message: string;
  /** `DynamoDB:ConditionalCheckFailedException`, `Lambda:Unhandled`. */
  readonly type: string;
}

/** What a data source answered: `$ctx.result`, and `$ctx.error` where it failed. */
export interface DataSourceAnswer {
  readonly result: unknown;
  readonly error?: DataSourceError;
}

/** Raised for a request of a template that no data source takes; the response template is not run then. */
export class BadTemplateRequest extends Error {}

/** What resolvers call. */
export interface DataSource {
  readonly name: string;
  /** `AMAZON_DYNAMODB`. */
  readonly type: string;
  /**
   * @param request what the request template gave
   * @param requestId of the request to the API, for the calls that are recorded
   * @throws BadTemplateRequest
   */
  call(request: JsonObject, requestId: string): Promise<DataSourceAnswer>;
}

/** The version of templates by which errors of data sources come to the response template. */
export const TEMPLATE_VERSION = '2018-05-29';

/** @throws BadTemplateRequest naming a field that is not in the list */
export function checkFields(request: JsonObject, known: readonly string[], where: string): void {
  const other = Object.keys(request).find((name) => !known.includes(name));
  if (other !== undefined) throw new BadTemplateRequest(`${where}: ${other} is not supported here`);
}

/** A data source that calls nothing: its result is the payload. */
export function noneDataSource(name: string): DataSource {
  return {
    name,
    type: 'NONE',
    call: async (request) => {
      checkFields(request, ['version', 'payload'], 'the request');
      return { result: request.payload ?? null };
    },
  };
}
