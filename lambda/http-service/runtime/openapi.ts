/**
 * Writes the API documents of an HttpService from the facts and schemas of its endpoints: `cdk-social-backend/openapi`.
 * It is run when a service is built, never in a function, and needs zod 4.
 */
import type { EndpointFacts } from '../../../src/core/endpoint';
import { errorAnswer } from '../../core/http/service-schemas';
import { openApiDocument as coreDocument } from '../../core/openapi/document';
import type { AnyContract, DocumentOptions } from '../../core/openapi/options';

export type { AnyContract, DocumentOptions } from '../../core/openapi/options';

/** What must be said of a service; what else may be. */
export type ServiceDocumentOptions = Pick<DocumentOptions, 'title' | 'version'> & Partial<DocumentOptions>;

const STATUSES: DocumentOptions['statuses'] = {
  400: 'The request is not valid',
  401: 'Credentials are missing or not good',
  403: 'The credentials do not suffice',
  404: 'It is not there',
  409: 'It is there already',
  412: 'It has another version by now',
  413: 'It is too large',
};

/** The OpenAPI 3.1 document of a service, as an object to be written as JSON. */
export function openApiDocument(
  endpoints: Readonly<Record<string, EndpointFacts>>,
  contracts: Readonly<Record<string, AnyContract>>,
  { title, version, ...options }: ServiceDocumentOptions,
): object {
  return coreDocument(endpoints, contracts, {
    title,
    version,
    description: title,
    basePath: '..',
    errors: errorAnswer,
    invalidStatus: 400,
    security: {},
    components: {},
    examples: {},
    overrides: new Map(),
    ...options,
    statuses: { ...STATUSES, ...options.statuses },
  });
}
