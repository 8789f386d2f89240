import * as z from 'zod/mini';
import {
  createDocument,
  type oas31,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverrideContext,
} from 'zod-openapi';
import type { AnyContract, DocumentOptions } from './options';
import type { EndpointFacts } from '../../../src/core/endpoint';

/** Writes API documents; run when functions are built, never in one. */

type Schema = z.ZodMiniType;

const json = (schema: Schema) => ({ 'application/json': { schema } });

const ENTITY_TAG = { type: 'string', description: 'The version of what is answered' } as const;

/** The header by which a request names the version that it knows. */
function condition({ method, etag }: EndpointFacts) {
  if (!etag || method === 'POST') {
    return {};
  }
  const schema =
    method === 'GET'
      ? z.string().register(z.globalRegistry, { description: 'An ETag: 304 where it still has that version' })
      : z.string().register(z.globalRegistry, { description: 'An ETag: 412 where it has another version by now' });
  return { header: z.object({ [method === 'GET' ? 'If-None-Match' : 'If-Match']: z.optional(schema) }) };
}

/** The answers of a success: what there is, what was made of it, what has not changed. */
function successes(facts: EndpointFacts, answer: Schema | undefined) {
  const headers = facts.etag && answer ? { headers: { ETag: { schema: ENTITY_TAG } } } : {};
  const made = { ...(answer ? { content: json(answer) } : {}), ...headers };
  return {
    [String(facts.success)]: { description: 'Success', ...made },
    ...(facts.created ? { [String(facts.created)]: { description: 'It was made', ...made } } : {}),
    ...(facts.etag && facts.method === 'GET'
      ? { '304': { description: 'It still has that version', ...headers } }
      : {}),
  };
}

/** Whether anybody may call an operation, somebody, or whom the deployment lets. */
function securityOf(auth: EndpointFacts['auth'], schemes: Record<string, string[]>, isDeployments: boolean) {
  if (auth === 'optional' || auth === 'required') {
    return { security: auth === 'optional' ? [{}, schemes] : [schemes] };
  }
  return auth === 'none' && isDeployments ? { security: [] } : {};
}

function operation(
  id: string,
  facts: EndpointFacts,
  contract: AnyContract,
  options: DocumentOptions,
  isDeployments: boolean,
): ZodOpenApiOperationObject {
  const statuses = new Set([
    ...(facts.auth === 'optional' || facts.auth === 'required' ? [401] : []),
    ...(facts.etag && facts.method !== 'GET' && facts.method !== 'POST' ? [412] : []),
    ...(facts.input ? [options.invalidStatus] : []),
    ...(facts.errors ?? []),
  ]);
  const errors = [...statuses]
    .sort((a, b) => a - b)
    .map((status) => [String(status), { description: options.statuses[status], content: json(options.errors) }]);
  const schemes = Object.fromEntries(Object.keys(options.security).map((name) => [name, []]));
  return {
    operationId: id,
    tags: [facts.tag],
    summary: facts.summary,
    ...(options.notes?.[id] === undefined ? {} : { description: options.notes[id] }),
    requestParams: {
      ...(contract.path ? { path: contract.path as z.ZodMiniObject } : {}),
      ...(contract.query ? { query: contract.query as z.ZodMiniObject } : {}),
      ...condition(facts),
    },
    ...securityOf(facts.auth, schemes, isDeployments),
    ...(contract.body ? { requestBody: { required: true, content: json(contract.body) } } : {}),
    responses: {
      ...(successes(facts, contract.answer) as Record<`2${string}`, object>),
      ...(Object.fromEntries(errors) as Record<`${4 | 5}${string}`, object>),
    },
  };
}

/** The OpenAPI 3.1 document of an API, from the facts of its endpoints and the very schemas that validate. */
export function openApiDocument(
  endpoints: Readonly<Record<string, EndpointFacts>>,
  contracts: Readonly<Record<string, AnyContract>>,
  options: DocumentOptions,
) {
  for (const [name, schema] of Object.entries(options.components)) {
    z.globalRegistry.add(schema, {
      id: name,
      ...(name in options.examples ? { example: options.examples[name] } : {}),
    });
  }
  for (const [schema, description] of options.meanings ?? []) {
    z.globalRegistry.add(schema, { description });
  }
  for (const [schema, override] of options.overrides) {
    z.globalRegistry.add(schema, {
      override: ({ jsonSchema }: { jsonSchema: object }) => replace(jsonSchema, override),
    });
  }
  const isDeployments = Object.values(endpoints).some(({ auth }) => auth === 'deployment');
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const [id, facts] of Object.entries(endpoints)) {
    (paths[facts.path] ??= {})[facts.method.toLowerCase()] = operation(
      id,
      facts,
      contracts[id],
      options,
      isDeployments,
    );
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: options.version,
      description: options.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: options.basePath }],
    // What a deployment asks of callers is put here by the function that serves the document.
    ...(isDeployments ? { security: [] } : {}),
    tags: [...new Set(Object.values(endpoints).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { securitySchemes: options.security as NonNullable<ZodOpenApiObject['components']>['securitySchemes'] },
  };
  const made = withParametersDescribed(createDocument(document, { override: plainAnswer }));
  return isDeployments ? { ...made, components: { securitySchemes: {}, ...made.components } } : made;
}

/** Explorers show what a parameter itself is said to be, and not what its schema is. */
function withParametersDescribed<Document extends ReturnType<typeof createDocument>>(document: Document): Document {
  for (const methods of Object.values(document.paths ?? {})) {
    for (const { parameters = [] } of Object.values(methods) as oas31.OperationObject[]) {
      for (const parameter of parameters as oas31.ParameterObject[]) {
        const { description, ...schema } = parameter.schema as oas31.SchemaObject;
        Object.assign(parameter, description === undefined ? {} : { description, schema });
      }
    }
  }
  return document;
}

/** In an answer, how its code holds a number or checks a date says nothing to a reader. */
function plainAnswer({ jsonSchema, io }: Pick<ZodOpenApiOverrideContext, 'jsonSchema' | 'io'>): void {
  if (io !== 'output') {
    return;
  }
  if (jsonSchema.format === 'date-time') {
    delete jsonSchema.pattern;
  }
  for (const bound of ['minimum', 'maximum'] as const) {
    if (Math.abs(jsonSchema[bound] ?? 0) === Number.MAX_SAFE_INTEGER) {
      delete jsonSchema[bound];
    }
  }
}

/** The description of another type altogether: nothing of the first stays. */
function replace(schema: object, override: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(schema)) {
    delete (schema as Record<string, unknown>)[key];
  }
  Object.assign(schema, override);
}
